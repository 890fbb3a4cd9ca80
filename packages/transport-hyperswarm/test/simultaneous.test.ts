import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestnet } from '@basestore/testnet'
import { build } from 'tsup'
import { expect, test } from 'vitest'
import { took } from './network.js'

const PROCESSES = 6

/*
 * What goes wrong without extra queries:
 *
 *   A  lookup ── announce ─────────── next lookup after 10 minutes
 *   B    lookup ── announce ───────── next lookup after 10 minutes
 *              └ A is not stored yet
 */
test('six processes that join one topic at the same moment are a full mesh within 5 s, and end clean', async () => {
  const testnet = await createTestnet()
  const children: ChildProcess[] = []
  try {
    const joiner = await compiled('joiner')
    const { host, port } = testnet.bootstrap[0]!
    const args = [host, port, randomBytes(32).toString('hex'), PROCESSES - 1].map(String)
    for (let i = 0; i < PROCESSES; i++) children.push(fork(joiner, args))
    await Promise.all(children.map((child) => once(child, 'message')))

    const all = async (command: string) => {
      for (const child of children) child.send(command)
      await Promise.all(children.map((child) => once(child, 'message')))
    }
    expect(await took(all('join'))).toBeLessThan(5_000)
    await all('suspend')
    expect(await took(all('resume'))).toBeLessThan(5_000)

    // They are not told to exit: nothing may keep them.
    const exits = children.map((child) => once(child, 'exit'))
    for (const child of children) child.send('stop')
    expect(await Promise.all(exits)).toEqual(children.map(() => [0, null]))
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await testnet.destroy()
  }
}, 25_000)

/** The file of this folder as a program for node. */
async function compiled(name: string): Promise<string> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const outDir = `${root}node_modules/.test`
  await build({
    entry: [`${root}test/${name}.ts`],
    outDir,
    format: 'esm',
    target: 'node20',
    config: false,
    silent: true,
    skipNodeModulesBundle: true
  })
  return `${outDir}/${name}.js`
}
