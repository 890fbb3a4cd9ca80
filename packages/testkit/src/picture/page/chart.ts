import uPlot from 'uplot'
import { BUCKETS, type PictureData } from '../data.js'
import { bucketStart } from './buckets.js'
import { formatBytes, formatTick } from './format.js'
import type { View } from './view.js'

/** CSS pixels. */
const HEIGHT = 170
const AXES = { x: 34, y: 76 }
/** Possible bytes between two ticks. Powers of 2, like the units. */
const STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power)

export interface Series {
  readonly label: string
  /** The name of a colour of the style sheet. */
  readonly colour: string
  readonly isDashed?: boolean
  readonly bytes: Float64Array
}

/** A chart of bytes over the time of the run, with a line at the chosen moment. */
export class Chart {
  readonly #host: HTMLElement
  readonly #data: PictureData
  readonly #view: View
  #plot: uPlot | undefined

  constructor(host: HTMLElement, data: PictureData, view: View) {
    this.#host = host
    this.#data = data
    this.#view = view
    host.setAttribute('role', 'group')
    new ResizeObserver(() => this.#plot?.setSize({ width: host.clientWidth, height: HEIGHT })).observe(host)
  }

  show(series: readonly Series[]): void {
    this.#plot?.destroy()
    const times = Float64Array.from({ length: BUCKETS + 1 }, (_, bucket) => bucketStart(bucket, this.#data))
    // A step reaches to the next point, so the last bucket needs a point at its end.
    const columns = series.map(({ bytes }) => Float64Array.from([...bytes, bytes[BUCKETS - 1]!]))
    const options = this.#options(series)
    this.#plot = new uPlot(options, [times, ...columns], this.#host)
  }

  /** Redraws after the chosen moment changed. */
  move(): void {
    this.#plot?.redraw(false, false)
  }

  #options(series: readonly Series[]): uPlot.Options {
    const colour = (name: string) => getComputedStyle(this.#host).getPropertyValue(`--${name}`).trim()
    const axis = {
      stroke: colour('quiet'),
      grid: { stroke: colour('grid'), width: 1 },
      ticks: { show: false }
    }
    const stepped = uPlot.paths.stepped!({ align: 1 })
    return {
      width: this.#host.clientWidth,
      height: HEIGHT,
      scales: {
        x: { time: false, range: [0, this.#data.end] },
        y: { range: (_, __, most) => [0, most * 1.1 || 1] }
      },
      cursor: { drag: { x: false, y: false }, bind: { click: this.#onclick } },
      axes: [
        {
          ...axis,
          size: AXES.x,
          space: 80,
          values: (_, ticks) => ticks.map((tick) => formatTick(tick, ticks[1]! - ticks[0]!))
        },
        { ...axis, size: AXES.y, incrs: STEPS, values: (_, ticks) => ticks.map(formatBytes) }
      ],
      series: [
        {
          label: 'Time',
          value: (_, time) => (time === null ? '–' : formatTick(time, this.#data.end / 1_000))
        },
        ...series.map(
          ({ label, colour: name, isDashed = false }): uPlot.Series => ({
            label,
            stroke: colour(name),
            width: 1.5,
            paths: stepped,
            points: { show: false },
            ...(isDashed ? { dash: [6, 4] } : { fill: colour(`${name}-faint`) }),
            value: (_, bytes) => (bytes === null ? '–' : formatBytes(bytes))
          })
        )
      ],
      hooks: { draw: [(plot) => this.#drawMoment(plot, colour('moment'))] }
    }
  }

  #onclick: NonNullable<uPlot.Cursor.Bind['click']> = (plot) => (event) => {
    const time = plot.posToVal(event.offsetX, 'x')
    this.#view.set({ time: Math.min(Math.max(0, time), this.#data.end) })
    return null
  }

  #drawMoment({ ctx, bbox, valToPos }: uPlot, colour: string): void {
    ctx.fillStyle = colour
    const width = 2 * devicePixelRatio
    ctx.fillRect(valToPos(this.#view.look.time, 'x', true) - width / 2, bbox.top, width, bbox.height)
  }
}
