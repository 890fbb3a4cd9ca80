import { select } from 'd3-selection'
import { type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom'
import { type PeerState, STATES } from '../data.js'
import { byId, make } from './dom.js'
import { formatCount } from './format.js'
import { drawPeer } from './glyphs.js'
import { layout, type Point } from './layout.js'
import type { Run } from './run.js'
import { Surface } from './surface.js'
import type { Look, View } from './view.js'

/** CSS pixels. */
const MARGIN = 30
const MOST_OF_NAME = 150
const REACH = 16
/** With more peers, names would overlap. Then only the chosen peers and the one under the pointer show theirs. */
const MOST_NAMES = 40
const ZOOM: [number, number] = [1, 20]
const ZOOM_STEP = 1.6

/** Draws the peers, and the links that are open at the chosen moment. */
export class Graph {
  readonly #run: Run
  readonly #view: View
  readonly #points: readonly Point[]
  readonly #canvas = byId<HTMLCanvasElement>('graph')
  readonly #surface: Surface
  #transform: ZoomTransform = zoomIdentity
  #states: readonly PeerState[] = []
  #links: readonly number[] = []
  #pointed = -1

  constructor(run: Run, view: View) {
    this.#run = run
    this.#view = view
    this.#points = layout(run.data)
    this.#surface = new Surface(this.#canvas, () => this.#draw(view.look))
    view.on((look) => {
      this.#states = run.states(look.time)
      this.#links = run.openLinks(look.time)
      this.#tell()
      this.#draw(look)
    })
    this.#listen()
  }

  #listen(): void {
    // The wheel alone, and one finger, scroll the page.
    const behaviour = zoom<HTMLCanvasElement, unknown>()
      .scaleExtent(ZOOM)
      .filter((event: Event) => {
        if (event instanceof WheelEvent) return event.ctrlKey || event.metaKey
        return event instanceof MouseEvent ? event.button === 0 : (event as TouchEvent).touches.length > 1
      })
      .on('zoom', ({ transform }: { transform: ZoomTransform }) => {
        this.#transform = transform
        this.#draw(this.#view.look)
      })
    const canvas = select(this.#canvas).call(behaviour).on('dblclick.zoom', null)
    byId('zoom-in').onclick = () => behaviour.scaleBy(canvas, ZOOM_STEP)
    byId('zoom-out').onclick = () => behaviour.scaleBy(canvas, 1 / ZOOM_STEP)
    byId('zoom-all').onclick = () => behaviour.transform(canvas, zoomIdentity)
    this.#canvas.onclick = (event) => {
      const peer = this.#at(event)
      if (peer !== -1) this.#view.choose(peer)
    }
    this.#canvas.onmousemove = (event) => this.#point(this.#at(event))
    this.#canvas.onmouseleave = () => this.#point(-1)
  }

  #point(peer: number): void {
    if (peer === this.#pointed) return
    this.#pointed = peer
    this.#canvas.classList.toggle('pointed', peer !== -1)
    this.#draw(this.#view.look)
  }

  #at({ offsetX, offsetY }: MouseEvent): number {
    let nearest = -1
    let least = REACH
    for (const [peer, point] of this.#points.entries()) {
      const { x, y } = this.#place(point)
      const distance = Math.hypot(x - offsetX, y - offsetY)
      if (distance < least) {
        nearest = peer
        least = distance
      }
    }
    return nearest
  }

  #place({ x, y }: Point): Point {
    const { width, height } = this.#surface
    const [left, top] = this.#transform.apply([
      MARGIN + ((x + 1) / 2) * (width - MARGIN * 2),
      MARGIN + ((y + 1) / 2) * (height - MARGIN * 2)
    ])
    return { x: left, y: top }
  }

  #tell(): void {
    const count = (state: PeerState) => this.#states.filter((other) => other === state).length
    const parts = STATES.filter((state) => count(state) > 0).map((state) => {
      const canvas = make('canvas', { className: 'glyph', ariaHidden: 'true' })
      const text = state === 'waiting' ? 'not started' : state
      return { canvas, state, part: make('span', {}, canvas, ` ${formatCount(count(state))} ${text}`) }
    })
    const links = `${formatCount(this.#links.length)} ${this.#links.length === 1 ? 'link' : 'links'} open`
    byId('peers-now').replaceChildren(...parts.map(({ part }) => part), make('span', {}, links))
    for (const { canvas, state } of parts) {
      const surface = new Surface(canvas, () => {})
      surface.clear()
      drawPeer(surface, state, surface.width / 2, surface.height / 2, 5)
    }
  }

  #draw(look: Look): void {
    this.#surface.clear()
    const places = this.#points.map((point) => this.#place(point))
    this.#drawLinks(look, places)
    this.#drawPeers(look, places)
  }

  #drawLinks({ a, b }: Look, places: readonly Point[]): void {
    const { from, to } = this.#run.data.links
    const isCrowd = places.length > MOST_NAMES
    const touches = (link: number, peer: number) => from[link] === peer || to[link] === peer
    const ofEither = this.#links.filter((link) => touches(link, a) || touches(link, b))
    const ofBoth = this.#links.filter((link) => touches(link, a) && touches(link, b))
    this.#stroke(this.#links, places, isCrowd ? 'link-faint' : 'link', 1)
    if (isCrowd) this.#stroke(ofEither, places, 'link', 1)
    this.#stroke(ofBoth, places, 'text', 2.5)
  }

  #stroke(links: readonly number[], places: readonly Point[], colour: string, width: number): void {
    const { context } = this.#surface
    const { from, to } = this.#run.data.links
    context.strokeStyle = this.#surface.colour(colour)
    context.lineWidth = width
    context.beginPath()
    for (const link of links) {
      const [start, end] = [places[from[link]!]!, places[to[link]!]!]
      context.moveTo(start.x, start.y)
      context.lineTo(end.x, end.y)
    }
    context.stroke()
  }

  #drawPeers({ a, b }: Look, places: readonly Point[]): void {
    const count = places.length
    const names = this.#run.data.peers
    const radius = count > 300 ? 3 : count > MOST_NAMES ? 5 : 8
    for (const [peer, { x, y }] of places.entries()) {
      drawPeer(this.#surface, this.#states[peer]!, x, y, radius)
    }
    for (const [peer, letter] of [
      [a, 'A'],
      [b, 'B']
    ] as const) {
      const place = places[peer]
      if (place) this.#ring(place, radius)
      // The upper peer has its name above and the other below: they are often neighbours.
      const other = places[letter === 'A' ? b : a]
      const side = place && other && place.y < other.y ? -1 : 1
      if (place) this.#name(place, radius, `${letter}: ${names[peer]}`, side)
    }
    const named = count <= MOST_NAMES ? places.keys() : this.#pointed === -1 ? [] : [this.#pointed]
    for (const peer of named) {
      if (peer !== a && peer !== b) this.#name(places[peer]!, radius, names[peer]!)
    }
  }

  #ring({ x, y }: Point, radius: number): void {
    const { context } = this.#surface
    context.strokeStyle = this.#surface.colour('text')
    context.lineWidth = 2
    context.beginPath()
    context.arc(x, y, radius + 4, 0, Math.PI * 2)
    context.stroke()
  }

  #name({ x, y }: Point, radius: number, name: string, side: 1 | -1 = 1): void {
    const { context, width } = this.#surface
    const text = this.#surface.fit(name, MOST_OF_NAME)
    const half = context.measureText(text).width / 2
    const left = Math.min(Math.max(x, half + 4), width - half - 4)
    const line = side === 1 ? y + radius + 18 : y - radius - 8
    context.textAlign = 'center'
    context.lineWidth = 4
    context.lineJoin = 'round'
    context.strokeStyle = this.#surface.colour('panel')
    context.strokeText(text, left, line)
    context.fillStyle = this.#surface.colour('text')
    context.fillText(text, left, line)
  }
}
