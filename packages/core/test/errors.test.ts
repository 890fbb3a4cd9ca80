import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as extensions from '@basestore/extensions'
import { describe, expect, it } from 'vitest'
import { isNetworkerError, Networker, NetworkerError } from '../src/index.js'
import * as transport from '../src/transport.js'
import { FakeTransport, fakeStore, next } from './support.js'

const run = promisify(execFile)

/** Sends to a stranger, and prints whether the error is an instance of each class. */
const INSTANCES = `
  const ext = new extensions.Extensions().register('x')
  try {
    ext.send(new Uint8Array(), {})
  } catch (error) {
    console.log(error.code, [networker, transport, extensions].map((from) => error instanceof from.NetworkerError))
  }`
const names = ['networker', 'networker/transport', 'extensions']

describe('NetworkerError', () => {
  it('is one class, whichever package it is imported from', () => {
    for (const from of [extensions, transport]) {
      expect(from.NetworkerError).toBe(NetworkerError)
      expect(from.isNetworkerError).toBe(isNetworkerError)
    }
  })

  it('is the class of what an extension of a networker throws', async () => {
    const fake = new FakeTransport()
    await using networker = new Networker(fakeStore(), { transports: [fake] })
    await networker.listen()
    const removed = next(networker, 'peer-remove')
    const [, remote] = await fake.handOver()
    const [peer] = networker.peers
    remote.destroy()
    await removed
    const ext = networker.registerExtension('x')
    expect(() => ext.send(new Uint8Array(), peer!)).toThrow(NetworkerError)
  })

  // Needs the built packages: run `pnpm build` first.
  it.each([
    ['ESM', 'module', names.map((name) => `import * as ${variable(name)} from '@basestore/${name}'`)],
    ['CommonJS', 'commonjs', names.map((name) => `const ${variable(name)} = require('@basestore/${name}')`)]
  ])('is one class in the built packages too, in %s', async (_, type, imports) => {
    const program = [...imports, INSTANCES].join('\n')
    const args = [`--input-type=${type}`, '-e', program]
    const { stdout } = await run(process.execPath, args, { cwd: import.meta.dirname })
    expect(stdout.trim()).toBe('PEER_GONE [ true, true, true ]')
  })
})

function variable(name: string): string {
  return name.split('/').at(-1)!
}
