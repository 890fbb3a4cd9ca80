import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createNetworkers } from '../../src/index.js'
import { type Ended, inDirectory, runNode } from '../support/child.js'

/** Two connected peers with a block each. Nothing of them is closed. */
const PROGRAM = `
  import { readdirSync } from 'node:fs'
  import { createNetworkers } from '@basestore/testkit'
  const group = await createNetworkers(2, { topology: 'line' })
  for (const store of group.stores) await store.get({ name: 'log' }).append('block')
  const left = () => readdirSync(process.env.TMPDIR).length
`

/** Runs the program and more code, and tells what is left in the folder for temporary files. */
async function run(rest: string, kill?: NodeJS.Signals): Promise<Ended & { readonly left: string[] }> {
  let result: (Ended & { readonly left: string[] }) | undefined
  await inDirectory(async (directory) => {
    const ended = await runNode(['--input-type=module', '--eval', PROGRAM + rest], {
      env: { TMPDIR: directory, TEMP: directory },
      onprint: (stdout, signalTo) => {
        if (kill && stdout === 'waiting\n') signalTo(kill)
      }
    })
    result = { ...ended, left: await readdir(directory) }
  })
  return result!
}

test('a test that ends without close() leaves no directory, and nothing that keeps the process from exiting', async () => {
  expect(await run('console.log(left())')).toEqual({
    code: 0,
    signal: null,
    stdout: '1\n',
    stderr: '',
    left: []
  })
})

test('a test that throws before close() leaves no directory', async () => {
  const ended = await run("throw new Error('the test failed')")
  expect(ended).toMatchObject({ code: 1, left: [] })
  expect(ended.stderr).toContain('Error: the test failed')
})

test('process.exit() leaves no directory', async () => {
  expect(await run('process.exit(3)')).toMatchObject({ code: 3, left: [] })
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends the process as ever, and leaves no directory',
  async (signal) => {
    const wait = "setInterval(() => {}, 1000); console.log('waiting')"
    expect(await run(wait, signal)).toMatchObject({ signal, left: [] })
  }
)

test('a program that listens to a signal keeps the directory until it exits', async () => {
  const wait = `
    process.on('SIGTERM', () => setImmediate(() => { console.log(left()); process.exit(7) }))
    setInterval(() => {}, 1000)
    console.log('waiting')
  `
  expect(await run(wait, 'SIGTERM')).toMatchObject({ code: 7, stdout: 'waiting\n1\n', left: [] })
})

test('a dozen groups share their listeners of the process, and the last group removes them', async () => {
  const counts = () => ['exit', 'SIGINT', 'SIGTERM'].map((event) => process.listenerCount(event))
  const before = counts()
  const groups = await Promise.all(Array.from({ length: 12 }, () => createNetworkers(1)))
  try {
    expect(counts()).toEqual(before.map((count) => count + 1))
  } finally {
    await Promise.all(groups.map((group) => group.close()))
  }
  expect(counts()).toEqual(before)
})
