import type { PeerState } from '../data.js'
import type { Surface } from './surface.js'

/** CSS pixels. */
const HEAD = 9
const CROSS = 4

/** The colour of each state, by its name in the style sheet. */
export const GLYPHS: Readonly<Record<PeerState, string>> = {
  running: 'running',
  paused: 'paused',
  crashed: 'crashed',
  left: 'left',
  waiting: 'waiting'
}

/** Draws a disc for running, two bars for paused, a cross for crashed, a ring for left, a dot for not started. */
export function drawPeer(surface: Surface, state: PeerState, x: number, y: number, radius: number): void {
  const { context } = surface
  const colour = surface.colour(GLYPHS[state])
  context.fillStyle = colour
  context.strokeStyle = colour
  context.lineWidth = Math.max(1.5, radius / 3)
  context.beginPath()
  if (state === 'running') context.arc(x, y, radius, 0, Math.PI * 2)
  if (state === 'waiting') context.arc(x, y, radius / 3, 0, Math.PI * 2)
  if (state === 'paused') {
    context.rect(x - radius, y - radius, radius * 0.75, radius * 2)
    context.rect(x + radius * 0.25, y - radius, radius * 0.75, radius * 2)
  }
  if (state === 'crashed') {
    context.moveTo(x - radius, y - radius)
    context.lineTo(x + radius, y + radius)
    context.moveTo(x + radius, y - radius)
    context.lineTo(x - radius, y + radius)
  }
  if (state === 'left') context.arc(x, y, radius * 0.8, 0, Math.PI * 2)
  if (state === 'crashed' || state === 'left') context.stroke()
  else context.fill()
}

/** @param angle the direction that it points to, in radians */
export function drawArrowHead(context: CanvasRenderingContext2D, x: number, y: number, angle: number): void {
  context.beginPath()
  context.moveTo(x, y)
  for (const turn of [-0.35, 0.35]) {
    context.lineTo(x - HEAD * Math.cos(angle + turn), y - HEAD * Math.sin(angle + turn))
  }
  context.fill()
}

/** Marks where a frame was lost. */
export function drawCross(surface: Surface, x: number, y: number): void {
  const { context } = surface
  context.strokeStyle = surface.colour('crashed')
  context.lineWidth = 2
  context.beginPath()
  for (const way of [-1, 1]) {
    context.moveTo(x - CROSS, y - CROSS * way)
    context.lineTo(x + CROSS, y + CROSS * way)
  }
  context.stroke()
}
