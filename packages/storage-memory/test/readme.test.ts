import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

// The programs run the built package, as users do: build first.
const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const README = readFileSync(join(PACKAGE, 'README.md'), 'utf8')
const programs = Array.from(README.matchAll(/^```js\n(.*?)^```$/gms), ([, program]) => program!)

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'storage-memory-'))
  await mkdir(join(directory, 'node_modules/@basestore'), { recursive: true })
  await symlink(PACKAGE, join(directory, 'node_modules/@basestore/storage-memory'), 'junction')
  for (const name of ['corestore', 'hypercore']) {
    await symlink(join(PACKAGE, 'node_modules', name), join(directory, 'node_modules', name), 'junction')
  }
})

afterAll(() => rm(directory, { recursive: true, force: true }))

test('its programs print what they say, one after the other in one process', async () => {
  for (const [index, program] of programs.entries()) {
    await writeFile(join(directory, `${index}.mjs`), program)
  }
  const main = programs.map((_, index) => `await import('./${index}.mjs')\n`).join('')
  await writeFile(join(directory, 'main.mjs'), main)
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(directory, 'main.mjs')])
  expect({ stdout, stderr }).toEqual({ stdout: 'hello\nhello\n2 blocks are left\n', stderr: '' })
})

test('its first two programs have 15 lines at most', () => {
  for (const program of programs.slice(0, 2)) {
    expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(15)
  }
})
