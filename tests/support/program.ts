import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const ROOT = new URL('../../', import.meta.url)
/** The packages that programs can import: the dependencies of this folder's package. */
const PACKAGES = fileURLToPath(new URL('../node_modules', import.meta.url))
const ON_LOCAL_DHT = fileURLToPath(new URL('./on-local-dht.mjs', import.meta.url))

/** The programs of a document: its `js` blocks that import something. */
export function programsOf(document: string): string[] {
  const text = readFileSync(new URL(document, ROOT), 'utf8')
  const blocks = Array.from(text.matchAll(/^```js\n(.*?)^```$/gms), ([, block]) => block as string)
  return blocks.filter((block) => /^import /m.test(block))
}

/** A program of a document. It runs unchanged in a temporary directory, on a local DHT instead of the public one. */
export class Program {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #directory = mkdtempSync(join(tmpdir(), 'basestore-program-'))
  readonly #lines: AsyncIterableIterator<string>
  readonly #ended: Promise<unknown[]>
  #stderr = ''

  constructor(source: string, bootstrap: unknown, args: readonly string[] = []) {
    const file = join(this.#directory, 'program.mjs')
    writeFileSync(file, source)
    symlinkSync(PACKAGES, join(this.#directory, 'node_modules'), 'junction')
    this.#child = spawn(process.execPath, ['--import', ON_LOCAL_DHT, file, ...args], {
      cwd: this.#directory,
      env: { ...process.env, LOCAL_DHT: JSON.stringify(bootstrap) }
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    this.#ended = once(this.#child, 'close')
  }

  /** The next matching line that it prints. */
  async line(like = /^/): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Error(`the program ended; stderr: ${this.#stderr}`)
      if (like.test(value)) return value
    }
  }

  /** Waits until it has written this to stderr. */
  async told(what: RegExp): Promise<void> {
    while (!what.test(this.#stderr)) await once(this.#child.stderr, 'data')
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#child.kill('SIGINT')
  }

  /** Waits until it ends. Reads the rest of its output: a full pipe would hold it up. */
  async ended(): Promise<{ code: number | null; stderr: string }> {
    this.#child.stdin.end()
    for await (const _line of this.#lines);
    const [code] = (await this.#ended) as [number | null]
    return { code, stderr: this.#stderr }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
