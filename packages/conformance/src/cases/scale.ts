import assert from 'node:assert/strict'
import { group } from '../case.js'
import { LOOKUP } from '../peer.js'

const PEERS = 8
const TOPICS = 20

export const scale = group('scale', {
  'full-mesh': {
    promise: `${PEERS} peers that join a topic at the same moment all connect to each other.`,
    async run(t) {
      const peers = await t.peers(PEERS)
      const topic = t.topic()
      for (const peer of peers) peer.join(topic)
      for (const [i, a] of peers.entries()) for (const b of peers.slice(i + 1)) await t.pair(a, b)
    }
  },
  'mesh-carries': {
    promise: `Among ${PEERS} connected peers each frame arrives at its receiver and nowhere else.`,
    async run(t) {
      const peers = await t.peers(PEERS)
      const topic = t.topic()
      for (const peer of peers) peer.join(topic)
      const ends: (readonly [string, { readonly texts: string[] }])[] = []
      for (const [i, a] of peers.entries()) {
        for (const b of peers.slice(i + 1)) {
          const { near, far } = await t.pair(a, b)
          near.send(`${a.name} to ${b.name}`)
          far.send(`${b.name} to ${a.name}`)
          ends.push([`${a.name} to ${b.name}`, far], [`${b.name} to ${a.name}`, near])
        }
      }
      await t.until('a frame at each end', () => ends.every(([, { texts }]) => texts.length > 0))
      for (const [text, { texts }] of ends) assert.deepEqual(texts, [text])
    }
  },
  'many-found': {
    promise: `A flush waits for all of ${PEERS - 1} peers that were found.`,
    async run(t) {
      const [seeker, ...announcers] = await t.peers(PEERS)
      const topic = await t.announce(announcers)
      seeker.join(topic, LOOKUP)
      await seeker.flush(topic)
      const missing = announcers.filter((peer) => !seeker.met(peer)).map(({ name }) => name)
      assert.deepEqual(missing, [], 'announced, but not handed over when the flush resolved')
    }
  },
  'many-topics': {
    promise: `${TOPICS} topics that are joined at the same moment all flush.`,
    async run(t) {
      const [a, b] = await t.peers(2)
      const topics = Array.from({ length: TOPICS }, () => t.topic())
      for (const topic of topics) for (const peer of [a, b]) peer.join(topic)
      await Promise.all(topics.flatMap((topic) => [a.flush(topic), b.flush(topic)]))
      await t.pair(a, b)
    }
  }
})
