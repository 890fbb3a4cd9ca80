/** A canvas that is as sharp as the screen and as wide as its place. Drawing uses CSS pixels. */
export class Surface {
  readonly context: CanvasRenderingContext2D
  width = 0
  height = 0

  /** @param onresize called after a change of size, which empties the canvas */
  constructor(
    readonly canvas: HTMLCanvasElement,
    onresize: () => void
  ) {
    this.context = canvas.getContext('2d')!
    this.#fit()
    new ResizeObserver(() => {
      if (this.#fit()) onresize()
    }).observe(canvas)
  }

  /** Empties the canvas, and resets all drawing settings. */
  clear(): CanvasRenderingContext2D {
    const { context } = this
    context.reset()
    context.scale(devicePixelRatio, devicePixelRatio)
    context.font = `12px ${getComputedStyle(this.canvas).fontFamily}`
    return context
  }

  /** Shortens a text to a width, in CSS pixels. */
  fit(text: string, width: number): string {
    let fitting = text
    while (fitting.length > 1 && this.context.measureText(fitting).width > width) {
      fitting = `${fitting.slice(0, -2)}…`
    }
    return fitting
  }

  /** A colour of the style sheet. */
  colour(name: string): string {
    return getComputedStyle(this.canvas).getPropertyValue(`--${name}`).trim()
  }

  #fit(): boolean {
    const { clientWidth, clientHeight } = this.canvas
    if (clientWidth === this.width && clientHeight === this.height) return false
    this.width = clientWidth
    this.height = clientHeight
    this.canvas.width = clientWidth * devicePixelRatio
    this.canvas.height = clientHeight * devicePixelRatio
    return true
  }
}
