import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { CONTENDERS, type Growth, type Series } from './question.js'
import type { Result } from './results.js'
import { summarize } from './statistics.js'

/** Told apart also by who sees few colours: Okabe and Ito, "Color universal design", 2008. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#7f7f7f']
const WIDTH = 300
const HEIGHT = 200

/** A result as one picture: bars of what each contender took, and a plot for each growth. */
export async function chart({ series, growth }: Result): Promise<string> {
  const kinds = [...new Set(series.map(({ what }) => what))]
  const bars = kinds.map((what) => barPlot(series.filter((one) => one.what === what)))
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 12,
    columns: 2,
    spacing: 40,
    concat: [...bars, ...growth.map(growthPlot)],
    resolve: { scale: { color: 'shared' } },
    config: { font: 'sans-serif', view: { stroke: null }, axis: { grid: true, gridColor: '#eeeeee' } }
  }
  const view = new View(parse(compile(spec as unknown as TopLevelSpec).spec), { renderer: 'none' })
  return view.toSVG()
}

function barPlot(series: readonly Series[]) {
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
        encoding: { x, y: { field: 'median', type: 'quantitative', title: unit }, color: color() }
      },
      {
        mark: { type: 'rule', strokeWidth: 2 },
        encoding: { x, y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' } }
      }
    ]
  }
}

function growthPlot({ what, x, y, scale = 'linear', points }: Growth) {
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
          color: color()
        }
      },
      {
        mark: { type: 'line', point: true },
        encoding: { x: horizontal, y: { ...vertical, field: 'median' }, color: color() }
      }
    ]
  }
}

function color() {
  return {
    field: 'contender',
    type: 'nominal',
    scale: { domain: CONTENDERS, range: COLORS },
    legend: { title: null, orient: 'bottom' }
  }
}
