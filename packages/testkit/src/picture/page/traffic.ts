import { BUCKETS } from '../data.js'
import { Chart } from './chart.js'
import { byId, make } from './dom.js'
import { formatBytes, formatCount, formatTime } from './format.js'
import type { Run } from './run.js'
import type { View } from './view.js'

const ROWS = 10
const MORE_ROWS = 50

interface Row {
  readonly a: number
  readonly b: number
  readonly names: string
  readonly there: number
  readonly back: number
  readonly bytes: number
  readonly frames: number
}

const COLUMNS = [
  ['names', 'Link'],
  ['there', 'First to second'],
  ['back', 'Second to first'],
  ['bytes', 'Both ways'],
  ['frames', 'Frames']
] as const

type Key = (typeof COLUMNS)[number][0]

/** Lists the links by their bytes, and draws those of the chosen link over time. */
export class Traffic {
  readonly #run: Run
  readonly #view: View
  readonly #rows: readonly Row[]
  readonly #chart: Chart
  #sorted: { readonly key: Key; readonly isRising: boolean } = { key: 'bytes', isRising: false }
  #shown = ROWS

  constructor(run: Run, view: View) {
    this.#run = run
    this.#view = view
    this.#rows = rowsOf(run)
    this.#chart = new Chart(byId('pair-chart'), run.data, view)
    const activity = new Chart(byId('activity'), run.data, view)
    byId('link-filter').oninput = () => this.#list()
    byId('more-links').onclick = () => {
      this.#shown += MORE_ROWS
      this.#list()
    }
    view.on((look, before) => {
      const isNew = look.a !== before?.a || look.b !== before?.b
      if (isNew) {
        this.#show()
        this.#list()
      } else this.#chart.move()
      if (before) activity.move()
      else activity.show([{ label: 'All links', colour: 'first', bytes: run.data.activity.bytes }])
    })
  }

  #show(): void {
    const { a, b } = this.#view.look
    const { peers, end } = this.#run.data
    const pair = this.#run.pair(a, b)
    const [there, back] = a < b ? ([0, 1] as const) : ([1, 0] as const)
    const series = (way: 0 | 1) => (pair === undefined ? undefined : this.#run.traffic(pair, way))
    const [first, second] = [series(there), series(back)]
    const names = `${peers[a] ?? 'A'} – ${peers[b] ?? 'B'}`
    const why = pair === undefined ? ': never linked' : first ? '' : ': no bytes, or too few to have a chart'
    byId('pair-title').textContent = `${names}, bytes in each ${formatTime(end / BUCKETS)}${why}`
    const nothing = new Float64Array(BUCKETS)
    this.#chart.show([
      { label: 'A to B', colour: 'first', bytes: first ?? nothing },
      { label: 'B to A', colour: 'second', isDashed: true, bytes: second ?? nothing }
    ])
  }

  #list(): void {
    const { key, isRising } = this.#sorted
    const wanted = byId<HTMLInputElement>('link-filter').value.trim().toLowerCase()
    const rows = this.#rows.filter(({ names }) => names.toLowerCase().includes(wanted))
    const { compare } = new Intl.Collator('en', { numeric: true })
    const order = (a: Row, b: Row) => (key === 'names' ? compare(a.names, b.names) : a[key] - b[key])
    rows.sort((a, b) => (isRising ? order(a, b) : order(b, a)))
    const table = byId('link-table')
    table
      .querySelector('thead tr')!
      .replaceChildren(...COLUMNS.map(([name, title]) => this.#heading(name, title)))
    table.querySelector('tbody')!.replaceChildren(...rows.slice(0, this.#shown).map((row) => this.#row(row)))
    const shown = Math.min(this.#shown, rows.length)
    byId('links-shown').textContent = `${formatCount(shown)} of ${formatCount(rows.length)}`
    byId('more-links').hidden = shown === rows.length
  }

  #heading(key: Key, title: string): HTMLElement {
    const { key: by, isRising } = this.#sorted
    const isSorted = key === by
    const arrow = isSorted ? (isRising ? ' ↑' : ' ↓') : ''
    const sort = () => {
      this.#sorted = { key, isRising: isSorted ? !isRising : key === 'names' }
      this.#list()
      // The pressed button was replaced by a new one.
      byId('link-table').querySelectorAll('button')[COLUMNS.findIndex(([name]) => name === key)]!.focus()
    }
    const heading = make('th', { scope: 'col', className: key === 'names' ? '' : 'number' })
    heading.append(
      make('button', { type: 'button', className: 'bare heading', onclick: sort }, `${title}${arrow}`)
    )
    if (isSorted) heading.ariaSort = isRising ? 'ascending' : 'descending'
    return heading
  }

  #row({ a, b, names, there, back, bytes, frames }: Row): HTMLElement {
    const choose = make(
      'button',
      { type: 'button', className: 'bare link', onclick: () => this.#view.set({ a, b }) },
      names
    )
    const cells = [formatBytes(there), formatBytes(back), formatBytes(bytes), formatCount(frames)]
    const row = make(
      'tr',
      {},
      make('td', {}, choose),
      ...cells.map((text) => make('td', { className: 'number' }, text))
    )
    const { a: chosenA, b: chosenB } = this.#view.look
    if (Math.min(chosenA, chosenB) === a && Math.max(chosenA, chosenB) === b) row.ariaCurrent = 'true'
    return row
  }
}

function rowsOf({ data: { pairs, peers } }: Run): Row[] {
  return Array.from(pairs.a, (a, pair) => {
    const b = pairs.b[pair]!
    const [there, back] = [pairs.bytes[pair * 2]!, pairs.bytes[pair * 2 + 1]!]
    const frames = pairs.frames[pair * 2]! + pairs.frames[pair * 2 + 1]!
    return { a, b, names: `${peers[a]} – ${peers[b]}`, there, back, bytes: there + back, frames }
  })
}
