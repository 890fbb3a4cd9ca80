import { bucketOf } from './buckets.js'
import { byId, make, options } from './dom.js'
import { formatBytes, formatCount } from './format.js'
import type { Run } from './run.js'
import { type Spread, share, spreadOf } from './spread.js'
import type { View } from './view.js'

/** Lets the reader choose two peers, and shows the state of each at the chosen moment. */
export function showChosen(run: Run, view: View): void {
  const { peers, links, pairs } = run.data
  const spread = spreadOf(run.data, -1)
  for (const [id, key] of [
    ['peer-a', 'a'],
    ['peer-b', 'b']
  ] as const) {
    const select = byId<HTMLSelectElement>(id)
    select.append(...options(peers))
    select.onchange = () => view.set({ [key]: Number(select.value) })
  }

  view.on((look) => {
    const chosen = [look.a, look.b].filter((peer) => peer in peers)
    byId<HTMLSelectElement>('peer-a').value = String(look.a)
    byId<HTMLSelectElement>('peer-b').value = String(look.b)
    const states = run.states(look.time)
    const connected = run.connected(look.time)
    const open = run.openLinks(look.time)
    const row = (title: string, value: (peer: number) => string) => {
      return make(
        'tr',
        {},
        make('th', { scope: 'row' }, title),
        ...chosen.map((peer) => make('td', {}, value(peer)))
      )
    }
    const names = chosen.map((peer) => make('th', { scope: 'col' }, peers[peer]!))
    byId('chosen-now')
      .querySelector('tbody')!
      .replaceChildren(
        make('tr', {}, make('td'), ...names),
        row('State', (peer) => (states[peer] === 'waiting' ? 'not started' : states[peer]!)),
        row('Open links', (peer) => {
          return formatCount(
            open.filter((link) => links.from[link] === peer || links.to[link] === peer).length
          )
        }),
        row('Connected networkers', (peer) => formatCount(connected[peer]!)),
        row('Blocks', (peer) => blocksText(spread, peer, bucketOf(look.time, run.data))),
        row('Sent in all', (peer) => formatBytes(sentBy(peer, pairs)))
      )
  })
}

function blocksText(spread: Spread, peer: number, bucket: number): string {
  const length = spread.length[bucket]!
  if (length === 0) return 'none known'
  const count = share(spread, peer, bucket) * length
  return `${formatCount(count)} of ${formatCount(length)}`
}

function sentBy(peer: number, { a, b, bytes }: Run['data']['pairs']): number {
  let sum = 0
  for (let pair = 0; pair < a.length; pair++) {
    if (a[pair] === peer) sum += bytes[pair * 2]!
    if (b[pair] === peer) sum += bytes[pair * 2 + 1]!
  }
  return sum
}
