import { BUCKETS } from '../data.js'
import { bucketOf, bucketStart } from './buckets.js'
import { byId, options } from './dom.js'
import { formatCount, formatTime } from './format.js'
import type { Run } from './run.js'
import { completeAt, type Spread, share, spreadOf } from './spread.js'
import { Surface } from './surface.js'
import type { View } from './view.js'

/** CSS pixels. */
const ROW = { most: 22, readable: 14 }
const HEIGHT = { least: 60, most: 480 }
const GUTTER = 130

/** Draws how much of a core each peer had at each time: a row for each peer, a column for each bucket. */
export class HeatMap {
  readonly #run: Run
  readonly #view: View
  readonly #canvas = byId<HTMLCanvasElement>('heat')
  readonly #surface: Surface
  readonly #scale = new Surface(byId<HTMLCanvasElement>('heat-scale'), () => this.#drawScale())
  #spread: Spread
  #order: readonly number[] = []
  #picture = document.createElement('canvas')

  constructor(run: Run, view: View) {
    const { peers, cores } = run.data
    this.#run = run
    this.#view = view
    this.#spread = spreadOf(run.data, -1)
    this.#canvas.style.height = `${Math.min(Math.max(peers.length * ROW.most, HEIGHT.least), HEIGHT.most)}px`
    this.#surface = new Surface(this.#canvas, () => this.#draw())
    const core = byId<HTMLSelectElement>('core')
    core.append(
      ...options([cores.length === 1 ? cores[0]! : 'all together', ...(cores.length === 1 ? [] : cores)], -1)
    )
    const order = byId<HTMLSelectElement>('order')
    const change = () => {
      this.#spread = spreadOf(run.data, Number(core.value))
      this.#sort(order.value)
      this.#paint()
      this.#draw()
      this.#tell()
    }
    core.onchange = change
    order.onchange = change
    this.#canvas.onmousemove = (event) => this.#tellAt(event)
    this.#canvas.onclick = (event) => {
      const { peer, bucket } = this.#at(event)
      view.choose(peer)
      view.set({ time: bucketStart(bucket + 0.5, run.data) })
    }
    this.#sort('name')
    view.on((_, before) => {
      if (!before) {
        this.#paint()
        this.#drawScale()
      }
      this.#draw()
      this.#tell()
    })
  }

  #sort(by: string): void {
    const { peers } = this.#run.data
    const { compare } = new Intl.Collator('en', { numeric: true })
    const complete = peers.map((_, peer) => completeAt(this.#spread, peer))
    const last = (peer: number) => share(this.#spread, peer, BUCKETS - 1)
    const byTime = (a: number, b: number) => {
      return complete[a] === complete[b] ? last(b) - last(a) : complete[a]! - complete[b]!
    }
    const byName = (a: number, b: number) => compare(peers[a]!, peers[b]!)
    this.#order = [...this.#run.members].sort(
      (a, b) => (by === 'complete' ? byTime(a, b) : 0) || byName(a, b)
    )
  }

  /** Paints one pixel for each cell. The canvas stretches them. */
  #paint(): void {
    const colours = this.#colours()
    const image = new ImageData(BUCKETS, Math.max(1, this.#order.length))
    const pixels = new Uint32Array(image.data.buffer)
    for (const [row, peer] of this.#order.entries()) {
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        pixels[row * BUCKETS + bucket] = colours[Math.floor(share(this.#spread, peer, bucket) * 255)]!
      }
    }
    this.#picture.width = image.width
    this.#picture.height = image.height
    this.#picture.getContext('2d')!.putImageData(image, 0, 0)
  }

  /** 256 colours of the style sheet, from no blocks to all. */
  #colours(): Uint32Array {
    const canvas = Object.assign(document.createElement('canvas'), { width: 256, height: 1 })
    const context = canvas.getContext('2d')!
    const gradient = context.createLinearGradient(0, 0, 256, 0)
    for (const [index, name] of ['heat-0', 'heat-1', 'heat-2'].entries()) {
      gradient.addColorStop(index / 2, this.#surface.colour(name))
    }
    context.fillStyle = gradient
    context.fillRect(0, 0, 256, 1)
    return new Uint32Array(context.getImageData(0, 0, 256, 1).data.buffer)
  }

  get #gutter(): number {
    return this.#surface.width < 600 ? GUTTER / 2 : GUTTER
  }

  #draw(): void {
    const { width, height } = this.#surface
    const { peers, end } = this.#run.data
    const context = this.#surface.clear()
    const row = height / Math.max(1, this.#order.length)
    const across = width - this.#gutter
    context.imageSmoothingEnabled = row < 1
    context.drawImage(this.#picture, this.#gutter, 0, across, height)
    context.fillStyle = this.#surface.colour('panel')
    if (row >= ROW.readable) {
      for (let index = 1; index < this.#order.length; index++) context.fillRect(0, index * row, width, 1)
    }
    context.fillStyle = this.#surface.colour('text')
    context.textBaseline = 'middle'
    context.textAlign = 'right'
    const { a, b, time } = this.#view.look
    for (const [index, peer] of this.#order.entries()) {
      const isChosen = peer === a || peer === b
      if (row < ROW.readable && !isChosen) continue
      const top = (index + 0.5) * row
      if (row < ROW.readable) context.fillRect(this.#gutter - 8, top - 0.5, 8, 1)
      const name = `${peer === a ? 'A: ' : peer === b ? 'B: ' : ''}${peers[peer]}`
      context.fillText(
        this.#surface.fit(name, this.#gutter - 12),
        this.#gutter - 10,
        Math.min(Math.max(top, 7), height - 7)
      )
    }
    // The line has an edge, so that it is visible on any colour.
    for (const [name, half] of [
      ['panel', 2.5],
      ['moment', 1]
    ] as const) {
      context.fillStyle = this.#surface.colour(name)
      context.fillRect(this.#gutter + (time / end) * across - half, 0, half * 2, height)
    }
  }

  #drawScale(): void {
    const { width, height } = this.#scale
    const context = this.#scale.clear()
    const gradient = context.createLinearGradient(0, 0, width, 0)
    for (const [index, name] of ['heat-0', 'heat-1', 'heat-2'].entries()) {
      gradient.addColorStop(index / 2, this.#scale.colour(name))
    }
    context.fillStyle = gradient
    context.fillRect(0, 0, width, height)
  }

  #tell(): void {
    const { data, members } = this.#run
    const bucket = bucketOf(this.#view.look.time, data)
    const length = this.#spread.length[bucket]!
    if (data.blocks.bucket.length === 0) {
      byId('spread-now').textContent = 'The trace does not tell who has which blocks.'
      return
    }
    const shares = members.map((peer) => share(this.#spread, peer, bucket)).sort((a, b) => a - b)
    const complete = shares.filter((part) => part === 1).length
    const median = shares[Math.floor(shares.length / 2)] ?? 0
    byId('spread-now').textContent =
      length === 0
        ? 'No blocks yet.'
        : `Of ${formatCount(length)} blocks, ${formatCount(complete)} of ${formatCount(shares.length)} peers have all; the peer in the middle has ${Math.floor(median * 100)} %.`
  }

  #at({ offsetX, offsetY }: MouseEvent) {
    const { width, height } = this.#surface
    const part = Math.max(0, (offsetX - this.#gutter) / (width - this.#gutter))
    const row = Math.floor((offsetY / height) * this.#order.length)
    return {
      peer: this.#order[Math.min(Math.max(row, 0), this.#order.length - 1)]!,
      bucket: Math.min(BUCKETS - 1, Math.floor(part * BUCKETS))
    }
  }

  #tellAt(event: MouseEvent): void {
    const { data } = this.#run
    const { peer, bucket } = this.#at(event)
    const count = formatCount(this.#spread.blocks[peer * BUCKETS + bucket]!)
    const length = formatCount(this.#spread.length[bucket]!)
    byId('heat-at').textContent =
      `${data.peers[peer]} at ${formatTime(bucketStart(bucket + 1, data))}: ${count} of ${length} blocks`
  }
}
