import {
  forceCenter,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type SimulationNodeDatum
} from 'd3-force'
import type { PictureData } from '../data.js'

export interface Point {
  readonly x: number
  readonly y: number
}

/** With more peers, the forces would take seconds, and the lines would cover everything. */
const MOST_BY_FORCE = 2_000
/** How much work the forces may do: peers times ticks. */
const WORK = 150_000
const MOST_TICKS = 300

/** Places the peers in a square from -1 to 1. The same links always give the same places. */
export function layout({ peers, pairs }: PictureData): Point[] {
  if (peers.length < 3 || peers.length > MOST_BY_FORCE) return circle(peers.length)
  // d3-force starts on a spiral and has its own seeded generator, so nothing is random.
  const nodes: SimulationNodeDatum[] = peers.map(() => ({}))
  const links = Array.from(pairs.a, (source, pair) => ({ source, target: pairs.b[pair]! }))
  const simulation = forceSimulation(nodes)
    .force('charge', forceManyBody().strength(-60))
    .force('link', forceLink(links).distance(40))
    .force('x', forceX().strength(0.05))
    .force('y', forceY().strength(0.05))
    .force('center', forceCenter())
    .stop()
  const ticks = Math.min(MOST_TICKS, Math.ceil(WORK / peers.length))
  simulation.alphaDecay(1 - simulation.alphaMin() ** (1 / ticks)).tick(ticks)
  return stretch(nodes as Point[])
}

function circle(count: number): Point[] {
  return Array.from({ length: count }, (_, index) => {
    const angle = (index / count) * Math.PI * 2 - Math.PI / 2
    return { x: Math.cos(angle), y: Math.sin(angle) }
  })
}

function stretch(points: readonly Point[]): Point[] {
  const xs = points.map(({ x }) => x)
  const ys = points.map(({ y }) => y)
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const scaleX = 2 / (right - left || 1)
  const scaleY = 2 / (bottom - top || 1)
  return points.map(({ x, y }) => ({ x: (x - left) * scaleX - 1, y: (y - top) * scaleY - 1 }))
}
