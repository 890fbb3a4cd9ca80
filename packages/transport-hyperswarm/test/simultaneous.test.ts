import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createTestnet } from '@basestore/testnet'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { took } from './network.js'

const PROCESSES = 6
/** Time for a full mesh (ms). It takes less than a second on an idle machine, and ten minutes without extra queries. */
const BOUND = 5_000

/*
 * Without extra queries two processes miss each other:
 *
 *   A  lookup ── announce ─────────── next lookup after 10 minutes
 *   B    lookup ── announce ───────── next lookup after 10 minutes
 *              └ A is not stored yet
 */
test('six processes that join one topic at the same moment are soon a full mesh, and end clean', async () => {
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
    expect(await took(all('join'))).toBeLessThan(BOUND)
    await all('suspend')
    expect(await took(all('resume'))).toBeLessThan(BOUND)

    // They are not told to exit. They do so when no handle is left.
    const exits = children.map((child) => once(child, 'exit'))
    for (const child of children) child.send('stop')
    expect(await Promise.all(exits)).toEqual(children.map(() => [0, null]))
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await testnet.destroy()
  }
}, 25_000)

/** Compiles a file of this folder to a program for Node. */
async function compiled(name: string): Promise<string> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const outfile = `${root}node_modules/.test/${name}.js`
  await build({
    entryPoints: [`${root}test/${name}.ts`],
    outfile,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20'
  })
  return outfile
}
