import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { RealClock } from '../src/time/clock.js'
import { arrivals, BareLink } from './bare-link.js'

/** Resolves when so many milliseconds have passed on a real clock. */
function after(clock: RealClock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.now() + ms, resolve, Number.MAX_SAFE_INTEGER))
}

test('soon() runs functions after the call, in the order of the calls', async () => {
  const clock = new RealClock()
  const order: string[] = []
  clock.soon(() => order.push('one'))
  clock.soon(() => order.push('two'))
  order.push('called')
  await after(clock, 0)
  expect(order).toEqual(['called', 'one', 'two'])
})

test('no event runs before its time, and events that are due run by time and rank', async () => {
  const clock = new RealClock()
  const start = clock.now()
  const order: number[] = []
  const early: number[] = []
  for (const ms of [9, 3, 6, 3.5, 0, 9]) {
    clock.at(start + ms, () => {
      order.push(ms)
      if (clock.now() < start + ms) early.push(ms)
    })
  }
  await after(clock, 10)
  expect(order).toEqual([0, 3, 3.5, 6, 9, 9])
  expect(early).toEqual([])
})

test('an event is not missed that is added as the first, by an event that runs, or that becomes the first by a cancel', async () => {
  const clock = new RealClock()
  const order: string[] = []
  const now = clock.now()
  clock.at(now + 8, () => order.push('eight'))
  const cancelled = clock.at(now + 2, () => order.push('cancelled'))
  clock.at(now + 4, () => {
    order.push('four')
    clock.at(now + 5, () => order.push('five'))
  })
  cancelled.cancel()
  await after(clock, 9)
  expect(order).toEqual(['four', 'five', 'eight'])
})

test('an event that throws does not keep the others from running', async () => {
  const { stderr, stdout } = await inProcess(`
    process.on('uncaughtException', (error) => console.error(error.message))
    const now = clock.now()
    clock.at(now + 1, () => { throw new Error('trouble of its own') })
    clock.at(now + 1, () => console.log('the second'))
    clock.at(now + 2, () => console.log('the third'))
  `)
  expect(stderr).toBe('trouble of its own\n')
  expect(stdout).toBe('the second\nthe third\n')
})

test('a process stays for events to come, and not for cancelled ones', async () => {
  const { stdout } = await inProcess(`
    const day = clock.at(clock.now() + 86_400_000, () => {})
    clock.at(clock.now() + 20, () => console.log('came'))
    clock.at(clock.now() + 1, () => day.cancel())
    process.on('exit', () => console.log('exit'))
  `)
  expect(stdout).toBe('came\nexit\n')
})

test('an event that is months away does not run at once', async () => {
  const { stderr, stdout } = await inProcess(`
    const far = clock.at(clock.now() + 2 ** 33, () => console.log('ran'))
    clock.at(clock.now() + 10, () => far.cancel())
  `)
  expect([stderr, stdout]).toEqual(['', ''])
})

test('a link with latency keeps the order of its frames, and takes its time', async () => {
  const clock = new RealClock()
  const link = new BareLink({ clock, shape: { latency: { uniform: [10, 30] } } })
  const seen = arrivals(link, link.b)
  const words = Array.from({ length: 200 }, (_, i) => `frame ${i}`)
  const start = clock.now()
  for (const word of words) link.a.write(Buffer.from(word))
  link.a.end()
  await once(link.b, 'end')
  expect(seen.map(([word]) => word)).toEqual(words)
  expect(seen[0]![1] - start).toBeGreaterThanOrEqual(10)
})

/** Runs a program in a process of its own, with a real clock as `clock`. Resolves when the process ends by itself. */
async function inProcess(program: string): Promise<{ stdout: string; stderr: string }> {
  const contents = `import { RealClock } from './time/clock.js'; const clock = new RealClock(); ${program}`
  const stdin = { contents, resolveDir: new URL('../src', import.meta.url).pathname }
  const built = await build({ stdin, bundle: true, platform: 'node', format: 'cjs', write: false })
  return promisify(execFile)(process.execPath, ['-e', built.outputFiles[0]!.text])
}
