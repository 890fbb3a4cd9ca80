import { type Messengers, messengers } from '../contenders/messengers.js'
import { withNetworker1Messengers } from '../contenders/networker-1-messengers.js'
import { contendersOf } from '../contenders/peers.js'
import { alternate } from '../src/alternate.js'
import type { Answer, Contender, GrowthPoint, Question, Run } from '../src/question.js'
import { withScratch } from '../src/scratch.js'
import { ratio, summarize } from '../src/statistics.js'

/** Bytes of a message. */
const SIZE = 100
/** Messages of a burst, for the targets. */
const BURST = 64
const GROWTH = [1, 4, 16, 64, 256, 1_024]
/** Messages of a trial, about. */
const MESSAGES = 16_384
const ROUND_TRIPS = 200

type Pairs = Readonly<Partial<Record<Contender, Messengers>>>

export const extensionMessages: Question = {
  name: 'extension-messages',
  id: 'Q4',
  asks: 'How many extension messages pass in a second, and how soon does a lone one return?',
  how: `Two processes are connected over Hyperswarm on loopback, 1.x over the TCP of its time. One sends messages of ${SIZE} bytes
in bursts, each burst in one turn of the event loop: with \`extension.send\`, in raw with the \`send\` of a message on a
Protomux channel of its own. The clock runs from the first message to the arrival of the last. All are then compared by
the SHA-256 of them all in their order; of 1.x the number in each of them and their bytes are. A lone message is sent
when the one before it has come back; the time of a trial is the median of ${ROUND_TRIPS} of them.`,
  async measure(run) {
    return withScratch(async (scratch) => {
      const pairs = { ours: await messengers('ours', scratch), raw: await messengers('raw', scratch) }
      if (!(await contendersOf(run)).includes('1.x')) return answer(run, pairs)
      return withNetworker1Messengers((old) => answer(run, { ...pairs, '1.x': old }))
    })
  }
}

async function answer(run: Run, pairs: Pairs): Promise<Answer> {
  const messages = run.quick ? 10 * BURST : MESSAGES
  const rates = await measure(run, pairs, (pair) => pair.burst(messages / BURST, BURST, SIZE), 15)
  const trips = await measure(run, pairs, (pair) => pair.roundTrip(run.quick ? 5 : ROUND_TRIPS, SIZE), 15)
  const growth = await grow(run, pairs)
  const to = (contender: Contender) => (rates[contender] ? [contender] : [])
  return {
    series: [
      ...Object.entries(rates).map(([contender, samples]) => ({
        contender: contender as Contender,
        what: `Messages in bursts of ${BURST}`,
        unit: 'messages/s',
        samples
      })),
      ...Object.entries(trips).map(([contender, samples]) => ({
        contender: contender as Contender,
        what: 'Round trip of a lone message',
        unit: 'ms',
        samples
      }))
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
    remarks: [remark(growth)]
  }
}

async function grow(run: Run, pairs: Pairs): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = []
  for (const perBurst of run.quick ? [1, BURST] : GROWTH) {
    const bursts = run.quick ? 2 : Math.min(MESSAGES / perBurst, 4_096)
    const rates = await measure(run, pairs, (pair) => pair.burst(bursts, perBurst, SIZE), 5)
    for (const [contender, samples] of Object.entries(rates)) {
      points.push({ contender: contender as Contender, x: perBurst, samples })
    }
  }
  return points
}

async function measure(
  run: Run,
  pairs: Pairs,
  sample: (pair: Messengers) => Promise<number>,
  trials: number
): Promise<Partial<Record<Contender, number[]>>> {
  const contenders = Object.entries(pairs).map(([name, pair]) => [name, () => sample(pair)])
  return alternate(run, Object.fromEntries(contenders), {
    trials: run.quick ? 1 : trials,
    warmup: run.quick ? 0 : 2
  })
}

/** What a burst saves, from what was measured. */
function remark(points: readonly GrowthPoint[]): string {
  const microseconds = (contender: Contender, x: number) => {
    const point = points.find((one) => one.contender === contender && one.x === x)!
    return (1e6 / summarize(point.samples).median).toFixed(1)
  }
  const most = Math.max(...points.map(({ x }) => x))
  return `A message that is alone in its turn of the event loop takes ${microseconds('ours', 1)} µs (raw: ${microseconds('raw', 1)} µs), one of a burst of
${most} takes ${microseconds('ours', most)} µs (raw: ${microseconds('raw', most)} µs). The first of a turn leaves at once; those that follow share frames, each of
which is encrypted, handed to UDX and decrypted once. What UDX does for each packet of some 1,200 bytes remains, since
the bytes are nearly as many. 1.x is carried by the kernel's TCP.`
}
