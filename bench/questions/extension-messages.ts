import { alternate } from '../harness/alternate.js'
import { withChildren } from '../harness/child.js'
import type { Answer, Contender, GrowthPoint, Question, Run } from '../harness/question.js'
import { withScratch } from '../harness/scratch.js'
import { pointsAt, seriesOf } from '../harness/series.js'
import { ratio, summarize } from '../harness/statistics.js'
import { type Messengers, messengers } from '../processes/handles/messengers.js'
import { contendersOf } from '../processes/handles/peers.js'
import type { MemoryMessengerHandlers } from '../processes/memory-messenger.js'

const MEMORY = new URL('../processes/memory-messenger.ts', import.meta.url)
/** Bytes of a message. */
const SIZE = 100
/** Messages of a burst, where the targets are measured. */
const BURST = 64
const GROWTH = [1, 4, 16, 64, 256, 1_024]
/** Messages of a trial, about. */
const MESSAGES = 131_072
const ROUND_TRIPS = 1_000

type Pairs = Readonly<Partial<Record<Contender, Messengers>>>
type Rates = Partial<Record<Contender, number[]>>

export const extensionMessages: Question = {
  name: 'extension-messages',
  id: 'Q4',
  asks: 'How many extension messages pass in a second, and how soon does a lone one return?',
  how: `Two processes are connected over Hyperswarm on loopback; 1.x connects over the TCP of its time. One process sends
messages of ${SIZE} bytes in bursts, each burst in one turn of the event loop: ours with \`extension.send\`, raw with a message on
a Protomux channel. When \`send\` signals backpressure, the sender waits before the next burst; 1.x never signals it. The
clock runs from the first send to the arrival of the last message. A single process that holds both ends does the same
over streams in memory. All messages are then compared by one SHA-256 in their order. A lone message is sent when the one
before it has come back. Both processes share one core meanwhile, where \`taskset\` can arrange that; the time of a trial is
the median of ${ROUND_TRIPS.toLocaleString('en')} lone messages.`,
  async measure(run) {
    const memory = await inMemory(run)
    return withScratch(async (scratch) => {
      const pairs: Partial<Record<Contender, Messengers>> = {}
      for (const contender of await contendersOf(run)) pairs[contender] = await messengers(contender, scratch)
      return answer(run, pairs, memory)
    })
  }
}

/** Measures the bursts without sockets, in a process that holds both ends. */
function inMemory(run: Run): Promise<Rates> {
  return withChildren(async (start) => {
    const child = start<MemoryMessengerHandlers>(MEMORY)
    await child.ask('open')
    const pair = (way: 'ours' | 'raw'): Pick<Messengers, 'burst'> => ({
      burst: (...burst) => child.ask('burst', way, ...burst)
    })
    return measure(run, { ours: pair('ours'), raw: pair('raw') }, burst(run), 15)
  })
}

function burst(run: Run): (pair: Pick<Messengers, 'burst'>) => Promise<number> {
  const messages = run.quick ? 10 * BURST : MESSAGES
  return (pair) => pair.burst(messages / BURST, BURST, SIZE)
}

/** Sends the bytes of each burst as one message: the bound for any way of sending them as several. */
function wholeBursts(run: Run): (pair: Pick<Messengers, 'burst'>) => Promise<number> {
  const bursts = (run.quick ? 10 * BURST : MESSAGES) / BURST
  return async (pair) => BURST * (await pair.burst(bursts, 1, BURST * SIZE))
}

async function answer(run: Run, pairs: Pairs, memory: Rates): Promise<Answer> {
  const rates = await measure(run, pairs, burst(run), 15)
  const trips = await measure(run, pairs, (pair) => pair.roundTrip(run.quick ? 5 : ROUND_TRIPS, SIZE), 15)
  const whole = await measure(run, { raw: pairs.raw! }, wholeBursts(run), 15)
  const growth = await grow(run, pairs)
  const to = (contender: Contender) => (rates[contender] ? [contender] : [])
  return {
    series: [
      ...seriesOf({ what: `Messages in bursts of ${BURST}`, unit: 'messages/s' }, rates, Number),
      ...seriesOf({ what: 'The same in one process, without sockets', unit: 'messages/s' }, memory, Number),
      ...seriesOf({ what: 'Round trip of a lone message', unit: 'ms' }, trips, Number)
    ],
    targets: [
      ratio(`messages a second in bursts, ours to raw`, rates.ours!, rates.raw!, { atLeast: 3 }),
      ...to('1.x').map((old) =>
        ratio(`messages a second in bursts, ours to 1.x`, rates.ours!, rates[old]!, { atLeast: 2.5 })
      ),
      ratio('round trip of a lone message, ours to raw', trips.ours!, trips.raw!, { atMost: 1.1 })
    ],
    growth: [
      { what: 'Messages a second', x: 'messages in a burst', y: 'messages/s', scale: 'log', points: growth }
    ],
    remarks: [remark(growth), profile(rates, memory, whole)]
  }
}

async function grow(run: Run, pairs: Pairs): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = []
  for (const perBurst of run.quick ? [1, BURST] : GROWTH) {
    const bursts = run.quick ? 2 : Math.min(MESSAGES / perBurst, 4_096)
    const rates = await measure(run, pairs, (pair) => pair.burst(bursts, perBurst, SIZE), 5)
    points.push(...pointsAt(perBurst, rates, Number))
  }
  return points
}

async function measure<P>(
  run: Run,
  pairs: Readonly<Partial<Record<Contender, P>>>,
  sample: (pair: P) => Promise<number>,
  trials: number
): Promise<Rates> {
  const contenders = Object.entries(pairs).map(([name, pair]) => [name, () => sample(pair)])
  return alternate(run, Object.fromEntries(contenders), {
    trials: run.quick ? 1 : trials,
    warmup: run.quick ? 0 : 2
  })
}

/** Tells what a burst saves. */
function remark(points: readonly GrowthPoint[]): string {
  const microseconds = (contender: Contender, x: number) => {
    const point = points.find((one) => one.contender === contender && one.x === x)!
    return (1e6 / summarize(point.samples).median).toFixed(1)
  }
  const most = Math.max(...points.map(({ x }) => x))
  return `A message that is alone in its turn of the event loop takes ${microseconds('ours', 1)} µs (raw: ${microseconds('raw', 1)} µs). A message in a burst of
${most} takes ${microseconds('ours', most)} µs (raw: ${microseconds('raw', most)} µs): the messages of one turn share frames, and each frame is encrypted,
handed to UDX and decrypted once. 1.x runs on the kernel's TCP instead of UDX.`
}

/** Tells what a message takes with the sockets, which are the same for ours and raw, and without them. */
function profile(rates: Rates, memory: Rates, whole: Rates): string {
  const microseconds = (all: Rates, contender: Contender) => 1e6 / summarize(all[contender]!).median
  const lines = (['ours', 'raw'] as const).map((contender) => {
    const [all, without] = [rates, memory].map((one) => microseconds(one, contender).toFixed(2))
    return `a message of ${contender} takes ${all} µs between two processes and ${without} µs within one`
  })
  const times = microseconds(memory, 'raw') / microseconds(memory, 'ours')
  return `In bursts of ${BURST}, ${lines.join(';\n')}. Within one process ours carries ${times.toFixed(2)} times as many messages as raw: both
ends compute in turn, without a socket between them. Two processes compute at the same time, and UDX works for each packet.
The bound is raw when it sends the bytes of a burst as one message: that takes ${microseconds(whole, 'raw').toFixed(2)} µs for each ${SIZE} bytes, so the layers
below leave room for ${(microseconds(rates, 'raw') / microseconds(whole, 'raw')).toFixed(1)} times as many messages as raw sends.`
}
