import { alternate } from '../harness/alternate.js'
import { type Child, withChildren } from '../harness/child.js'
import type { GrowthPoint, Question, Run } from '../harness/question.js'
import { pointsAt, seriesOf } from '../harness/series.js'
import { ratio, summarize } from '../harness/statistics.js'
import type { BroadcasterHandlers, Sent, Way } from '../processes/broadcaster.js'

const BROADCASTER = new URL('../processes/broadcaster.ts', import.meta.url)
/** Bytes of a message in JSON. */
const SIZE = 1_024
/** Messages of a burst, where the targets are measured. */
const BURST = 64
const PEERS = 50
const SIZES = [1, 2, 5, 10, 20, PEERS]
const TRIALS = 9
/** Deliveries of a trial, about: messages times peers. */
const DELIVERIES = 50 * 256

type Samples = Readonly<Record<Way, readonly Sent[]>>

interface Measured {
  readonly peers: number
  readonly samples: Samples
}

export const broadcast: Question = {
  name: 'broadcast',
  id: 'Q5',
  asks: 'How fast does one message go to many peers?',
  how: `A networker has ${PEERS} peers on the memory network, all in one process. It sends JSON of ${SIZE / 1_024} KiB in bursts of
${BURST}, each burst in one turn of the event loop. **ours** calls \`extension.broadcast\`. **raw** sends a JSON message on one
Protomux channel after another, over the same streams. The peers keep the bytes without parsing the JSON, which each would
do on a machine of its own; what Noise and Protomux cost a receiver does count. The clock runs from the first send to the
arrival of the last message at the last peer. The bytes that each peer got are then compared by their SHA-256. Each
message counts how often it is encoded as JSON.`,
  async measure(run) {
    return withChildren(async (start) => {
      const child = start<BroadcasterHandlers>(BROADCASTER)
      const all: Measured[] = []
      for (const peers of run.quick ? [1, PEERS] : SIZES) {
        all.push({ peers, samples: await measure(run, child, peers, BURST) })
      }
      const { samples: bursts } = all.at(-1)!
      const lone = await measure(run, child, PEERS, 1)
      const rate = ({ rate }: Sent) => rate
      const cpu = ({ cpu }: Sent) => cpu
      const encodings = ({ encodings }: Sent) => encodings
      const speed = `messages a second to ${PEERS} peers, ours to raw`
      return {
        series: [
          ...seriesOf({ what: `To ${PEERS} peers in bursts of ${BURST}`, unit: 'messages/s' }, bursts, rate),
          ...seriesOf({ what: `To ${PEERS} peers, lone messages`, unit: 'messages/s' }, lone, rate),
          ...seriesOf({ what: 'CPU for each recipient', unit: 'µs' }, bursts, cpu)
        ],
        targets: [
          ratio(speed, bursts.ours.map(rate), bursts.raw.map(rate), { atLeast: 3 }),
          ratio(
            `encodings of a message to ${PEERS} peers, to those of one to one peer`,
            bursts.ours.map(encodings),
            all[0]!.samples.ours.map(encodings),
            { atMost: 1 }
          )
        ],
        growth: [
          { what: 'CPU for each recipient', x: 'peers', y: 'µs', points: pointsOf(all, cpu) },
          { what: 'Encodings of a message', x: 'peers', y: 'encodings', points: pointsOf(all, encodings) }
        ],
        remarks: [remark(bursts, lone)]
      }
    })
  }
}

async function measure(
  run: Run,
  child: Child<BroadcasterHandlers>,
  peers: number,
  perBurst: number
): Promise<Samples> {
  await child.ask('connect', peers)
  const bursts = run.quick ? 2 : Math.ceil(DELIVERIES / peers / perBurst)
  const trial = (way: Way) => child.ask('broadcast', way, bursts, perBurst, SIZE)
  return alternate(
    run,
    { ours: () => trial('ours'), raw: () => trial('raw') },
    { trials: run.quick ? 1 : TRIALS, warmup: run.quick ? 0 : 2 }
  )
}

function pointsOf(all: readonly Measured[], value: (sent: Sent) => number): GrowthPoint[] {
  return all.flatMap(({ peers, samples }) => pointsAt(peers, samples, value))
}

function remark(bursts: Samples, lone: Samples): string {
  const median = (samples: readonly Sent[], value: (sent: Sent) => number) =>
    Number(summarize(samples.map(value)).median.toPrecision(3))
  const cpu = (samples: readonly Sent[]) => median(samples, (sent) => sent.cpu)
  const encodings = (samples: readonly Sent[]) => median(samples, (sent) => sent.encodings)
  return `A message to ${PEERS} peers is encoded ${encodings(bursts.ours)} time with ours, and ${encodings(bursts.raw)} times with raw: for each peer, the codec encodes it
once to know the length and once to write it. Both ends together take ${cpu(bursts.ours)} µs of CPU time for each recipient of a message
in a burst (raw: ${cpu(bursts.raw)} µs), since the messages of a burst share frames. A lone message takes ${cpu(lone.ours)} µs (raw: ${cpu(lone.raw)} µs),
since it is encrypted, carried and decrypted by itself.`
}
