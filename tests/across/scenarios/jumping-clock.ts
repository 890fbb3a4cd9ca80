/** The computers' dates, which are set back and forth. */
export class JumpingClock {
  /** Milliseconds. */
  offset = 0
  readonly #date = globalThis.Date

  constructor() {
    const now = () => this.#date.now() + this.offset
    globalThis.Date = new Proxy(this.#date, {
      get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
      construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [now()], self)
    })
  }

  restore(): void {
    globalThis.Date = this.#date
  }
}
