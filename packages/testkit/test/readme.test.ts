import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const directory = new URL('..', import.meta.url)

test('the program of the README runs, without a test runner', async () => {
  const readme = await readFile(new URL('README.md', directory), 'utf8')
  const program = /```js\n([\s\S]*?)```/.exec(readme)![1]!
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: directory
  })
  expect((await run).stdout).toBe('hello, replicated\n')
})
