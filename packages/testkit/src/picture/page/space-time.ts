import { bisectLeft, bisectRight } from 'd3-array'
import { scaleLinear } from 'd3-scale'
import { byId, make } from './dom.js'
import { formatBytes, formatCount, formatTick, formatTime } from './format.js'
import { drawArrowHead, drawCross } from './glyphs.js'
import { framesBetween, type PairFrames, type Run } from './run.js'
import { Surface } from './surface.js'
import type { View } from './view.js'

/** The spans around the chosen moment that the reader may choose, in milliseconds. */
const SPANS = [1, 10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000]
/** How many frames are in sight when the page chooses the span. */
const SOME_FRAMES = 24
/** The most lines to draw, sizes to write, and rows of the table. */
const MOST_LINES = 3_000
const MOST_SIZES = 30
const MOST_ROWS = 200
/** CSS pixels. */
const SIDE = 16
const TOP = 34
const BOTTOM = 60

/** Draws two peers as lines through time, and each frame as an arrow from where it was sent to where it arrived. */
export class SpaceTime {
  readonly #run: Run
  readonly #view: View
  readonly #surface: Surface
  readonly #span = byId<HTMLSelectElement>('span')
  #frames: PairFrames | undefined
  /** Whether A is the pair's second peer. */
  #turned = false

  constructor(run: Run, view: View) {
    this.#run = run
    this.#view = view
    const spans = SPANS.filter((span) => span < run.data.end)
    this.#span.append(
      make('option', { value: 'auto', text: 'a few frames' }),
      ...spans.map((span) => make('option', { value: String(span), text: formatTick(span, 1_000) })),
      make('option', { value: String(run.data.end * 2), text: 'all' })
    )
    this.#surface = new Surface(byId<HTMLCanvasElement>('frames'), () => this.#draw())
    this.#span.onchange = () => this.#draw()
    byId('frame-before').onclick = () => this.#jump(-1)
    byId('frame-after').onclick = () => this.#jump(1)
    byId('frame-details').ontoggle = () => this.#draw()
    view.on((look, before) => {
      if (look.a !== before?.a || look.b !== before?.b) this.#choose(look.a, look.b)
      this.#draw()
    })
  }

  #choose(a: number, b: number): void {
    const pair = this.#run.pair(a, b)
    this.#frames = pair === undefined ? undefined : this.#run.frames(pair)
    this.#turned = a > b
  }

  #jump(step: 1 | -1): void {
    if (!this.#frames) return
    const { arrived } = this.#frames
    const { time } = this.#view.look
    const index = step === 1 ? bisectRight(arrived, time) : bisectLeft(arrived, time) - 1
    const next = arrived[index]
    if (next !== undefined) this.#view.set({ time: next })
  }

  /** The first and the last time in sight. */
  #window(): readonly [number, number] {
    const { time } = this.#view.look
    const { end } = this.#run.data
    const width = this.#span.value === 'auto' ? this.#autoSpan() : Math.min(end, Number(this.#span.value))
    const from = Math.min(Math.max(0, time - width / 2), end - width)
    return [from, from + width]
  }

  /** A span that contains the frames nearest to the chosen moment. */
  #autoSpan(): number {
    const { end } = this.#run.data
    if (!this.#frames || this.#frames.arrived.length === 0) return end
    const { arrived, sent } = this.#frames
    const { time } = this.#view.look
    let [before, after] = [bisectRight(arrived, time) - 1, bisectRight(arrived, time)]
    let reach = 0
    for (let count = 0; count < SOME_FRAMES; count++) {
      const past = before < 0 ? Number.POSITIVE_INFINITY : time - sent[before]!
      const coming = after >= arrived.length ? Number.POSITIVE_INFINITY : arrived[after]! - time
      const nearest = Math.min(past, coming)
      if (nearest === Number.POSITIVE_INFINITY) break
      reach = Math.max(reach, nearest)
      if (past <= coming) before--
      else after++
    }
    return Math.min(end, Math.max(reach * 2.1, 0.1))
  }

  #draw(): void {
    const [from, to] = this.#window()
    const found = this.#frames ? framesBetween(this.#frames, from, to) : []
    this.#tell(found, from, to)
    this.#fillTable(found)
    const { width, height } = this.#surface
    const context = this.#surface.clear()
    const x = scaleLinear([from, to], [SIDE, width - SIDE])
    this.#drawAxis(x)
    const { peers } = this.#run.data
    const { a, b, time } = this.#view.look
    const lines = [TOP, height - BOTTOM] as const
    context.fillStyle = this.#surface.colour('text')
    context.fillText(this.#surface.fit(`A: ${peers[a] ?? ''}`, width - SIDE * 2), SIDE, TOP - 14)
    context.fillText(this.#surface.fit(`B: ${peers[b] ?? ''}`, width - SIDE * 2), SIDE, height - BOTTOM + 20)
    for (const y of lines) context.fillRect(SIDE, y - 1, width - SIDE * 2, 2)
    context.fillStyle = this.#surface.colour('moment')
    context.fillRect(x(time) - 1, TOP - 8, 2, height - TOP - BOTTOM + 16)
    context.save()
    context.beginPath()
    context.rect(SIDE, 0, width - SIDE * 2, height)
    context.clip()
    const drawn = found.slice(0, MOST_LINES)
    for (const index of drawn) this.#drawFrame(index, x, lines)
    if (found.length > 0 && found.length <= MOST_SIZES) this.#drawSizes(drawn, x, lines)
    context.restore()
  }

  #drawAxis(x: (time: number) => number): void {
    const { width, height, context } = this.#surface
    const [from, to] = this.#window()
    const ticks = scaleLinear([from, to], [0, 1]).ticks(Math.max(3, Math.floor(width / 110)))
    const step = (ticks[1] ?? to) - (ticks[0] ?? from)
    context.textAlign = 'center'
    for (const tick of ticks) {
      const text = formatTick(tick, step)
      const half = context.measureText(text).width / 2
      context.fillStyle = this.#surface.colour('grid')
      context.fillRect(x(tick), TOP - 4, 1, height - TOP - BOTTOM + 8)
      context.fillStyle = this.#surface.colour('quiet')
      context.fillText(text, Math.min(Math.max(x(tick), half), width - half), height - 10)
    }
    context.textAlign = 'left'
  }

  #drawFrame(index: number, x: (time: number) => number, lines: readonly [number, number]): void {
    const { sent, arrived } = this.#frames!
    const { context } = this.#surface
    const isDown = this.#isFromA(index)
    const [y0, y1] = isDown ? lines : [lines[1], lines[0]]
    const [x0, x1] = [x(sent[index]!), x(arrived[index]!)]
    const isLost = this.#frames!.lost[index] === 1
    const end = isLost ? (y0 + y1) / 2 : y1
    context.strokeStyle = this.#surface.colour(isDown ? 'first' : 'second')
    context.fillStyle = context.strokeStyle
    context.lineWidth = 1.5
    context.setLineDash(isDown ? [] : [5, 3])
    context.beginPath()
    context.moveTo(x0, y0)
    context.lineTo(x1, end)
    context.stroke()
    context.setLineDash([])
    if (isLost) drawCross(this.#surface, x1, end)
    else drawArrowHead(context, x1, y1, Math.atan2(y1 - y0, x1 - x0))
  }

  /** Writes the sizes near the arrow heads, where crossing lines are apart, and only where there is room. */
  #drawSizes(found: readonly number[], x: (time: number) => number, lines: readonly [number, number]): void {
    const { sent, arrived, size } = this.#frames!
    const { context, width } = this.#surface
    context.strokeStyle = this.#surface.colour('panel')
    context.fillStyle = this.#surface.colour('text')
    context.lineWidth = 4
    const ends = { down: SIDE, up: SIDE }
    for (const index of found) {
      const way = this.#isFromA(index) ? 'down' : 'up'
      const [y0, y1] = way === 'down' ? lines : [lines[1], lines[0]]
      const left = x(sent[index]! * 0.22 + arrived[index]! * 0.78) + 6
      const top = y0 * 0.22 + y1 * 0.78 + 4
      const text = formatBytes(size[index]!)
      const right = left + context.measureText(text).width
      if (left < ends[way] || right > width - SIDE) continue
      ends[way] = right + 4
      context.strokeText(text, left, top)
      context.fillText(text, left, top)
    }
  }

  #isFromA(index: number): boolean {
    return (this.#frames!.back[index] === 1) === this.#turned
  }

  #tell(found: readonly number[], from: number, to: number): void {
    byId('frames-now').textContent = this.#describe(found, from, to)
  }

  #describe(found: readonly number[], from: number, to: number): string {
    const count = found.length
    const { a, b } = this.#view.look
    const { peers, pairs } = this.#run.data
    const pair = this.#run.pair(a, b)
    if (pair === undefined || !this.#frames) {
      return `${peers[a] ?? 'A'} and ${peers[b] ?? 'B'} were never linked.`
    }
    const lost = found.filter((index) => this.#frames!.lost[index] === 1).length
    const number = `${formatCount(count)} ${count === 1 ? 'frame' : 'frames'}${lost > 0 ? `, ${formatCount(lost)} of them lost,` : ''}`
    const when = `between ${formatTime(from)} and ${formatTime(to)}`
    const beyond = count > MOST_LINES ? `, the first ${formatCount(MOST_LINES)} drawn` : ''
    const total = formatCount(pairs.frames[pair * 2]! + pairs.frames[pair * 2 + 1]! + pairs.lost[pair]!)
    const told = `${number} ${when}${beyond}, of ${total} in all.`
    const dropped = pairs.dropped[pair]!
    if (dropped === 0) return told
    const [first] = this.#frames.arrived
    const missing = `${formatCount(dropped)} are left out`
    return first === undefined
      ? `${told} ${missing}.`
      : `${told} ${missing}, all before ${formatTime(first)}.`
  }

  #fillTable(found: readonly number[]): void {
    if (!byId<HTMLDetailsElement>('frame-details').open) return
    const { a, b } = this.#view.look
    const { peers } = this.#run.data
    const rows = found.slice(0, MOST_ROWS).map((index) => {
      const { sent, arrived, size, lost } = this.#frames!
      const [from, to] = this.#isFromA(index) ? [a, b] : [b, a]
      const numbers = [
        formatTime(sent[index]!),
        `${lost[index] === 1 ? 'lost ' : ''}${formatTime(arrived[index]!)}`,
        formatTime(arrived[index]! - sent[index]!),
        formatBytes(size[index]!)
      ]
      const cells = numbers.map((text) => make('td', { className: 'number' }, text))
      return make('tr', {}, make('td', {}, peers[from]!), make('td', {}, peers[to]!), ...cells)
    })
    byId('frame-table')
      .querySelector('tbody')!
      .replaceChildren(...rows)
  }
}
