import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { CONTENDERS, type Contender, type Growth, type Series } from './question.js'
import type { Result } from './results.js'
import { summarize } from './statistics.js'

/** People who see few colours can tell these apart: Okabe and Ito, "Color universal design", 2008. */
const COLORS: Readonly<Record<Contender, string>> = {
  ours: '#0072b2',
  raw: '#d55e00',
  '1.x': '#009e73',
  libp2p: '#cc79a7',
  bare: '#7f7f7f'
}
/** Size of each plot (px). */
const WIDTH = 300
const HEIGHT = 200

/** Draws a result as one SVG: bars for each kind of series where contenders are compared, and a plot for each growth. */
export async function chart({ series, growth }: Result): Promise<string> {
  const shown = new Set(
    [...series, ...growth.flatMap(({ points }) => points)].map(({ contender }) => contender)
  )
  const color = colorOf(CONTENDERS.filter((contender) => shown.has(contender)))
  const kinds = shown.size > 1 ? [...new Set(series.map(({ what }) => what))] : []
  const bars = kinds.map((what) =>
    barPlot(
      series.filter((one) => one.what === what),
      color
    )
  )
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 12,
    columns: 2,
    spacing: 40,
    concat: [...bars, ...growth.map((one) => growthPlot(one, color))],
    resolve: { scale: { color: 'shared' } },
    config: { font: 'sans-serif', view: { stroke: null }, axis: { grid: true, gridColor: '#eeeeee' } }
  }
  const view = new View(parse(compile(spec as unknown as TopLevelSpec).spec), { renderer: 'none' })
  return view.toSVG()
}

type Color = ReturnType<typeof colorOf>

function barPlot(series: readonly Series[], color: Color) {
  const { what, unit } = series[0]!
  const values = series.map(({ contender, samples }) => ({ contender, ...summarize(samples) }))
  const x = { field: 'contender', type: 'nominal', sort: null, title: null, axis: { labelAngle: 0 } }
  return {
    title: what,
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    layer: [
      {
        mark: { type: 'bar', width: { band: 0.6 } },
        encoding: { x, y: { field: 'median', type: 'quantitative', title: unit }, color }
      },
      {
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: { x, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } }
      }
    ]
  }
}

function growthPlot({ what, x, y, scale = 'linear', points }: Growth, color: Color) {
  const values = points.map((point) => ({
    contender: point.contender,
    x: point.x,
    ...summarize(point.samples)
  }))
  const horizontal = { field: 'x', type: 'quantitative', title: x, scale: { type: scale } }
  const vertical = { type: 'quantitative', title: y, scale: { type: scale } }
  return {
    title: what,
    width: WIDTH,
    height: HEIGHT,
    data: { values },
    layer: [
      {
        mark: { type: 'area', opacity: 0.2 },
        encoding: {
          x: horizontal,
          y: { ...vertical, field: 'low' },
          y2: { field: 'high' },
          color
        }
      },
      {
        mark: { type: 'line', point: true },
        encoding: { x: horizontal, y: { ...vertical, field: 'median' }, color }
      }
    ]
  }
}

function colorOf(contenders: readonly Contender[]) {
  return {
    field: 'contender',
    type: 'nominal',
    scale: { domain: contenders, range: contenders.map((contender) => COLORS[contender]) },
    legend: { title: null, orient: 'bottom', symbolOpacity: 1 }
  }
}
