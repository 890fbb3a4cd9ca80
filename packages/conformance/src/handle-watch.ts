import { AsyncLocalStorage, createHook } from 'node:async_hooks'

/** What Node calls that which keeps a process, or a file descriptor. */
const HANDLES = new Set([
  'FSEVENTWRAP',
  'MESSAGEPORT',
  'PIPESERVERWRAP',
  'PIPEWRAP',
  'PROCESSWRAP',
  'STATWATCHER',
  'TCPSERVERWRAP',
  'TCPWRAP',
  'TTYWRAP',
  'Timeout',
  'UDPWRAP',
  'WORKER'
])

interface Handle {
  readonly type: string
  readonly resource: object
  /** The line that made it. */
  readonly origin: string
}

/** Tells whose call it was; each watch sees its own. */
const current = new AsyncLocalStorage<HandleWatch>()

/**
 * Sees the handles and timers that a piece of work makes, in its callbacks too. Unlike a count of the process's
 * handles it does not see those of a test runner, or of cases that run at the same time. What native code opens by
 * itself it cannot see.
 */
export class HandleWatch {
  readonly #open = new Map<number, Handle>()
  readonly #hook = createHook({
    init: (id, type, _trigger, resource) => {
      if (HANDLES.has(type) && current.getStore() === this)
        this.#open.set(id, { type, resource, origin: origin() })
    },
    destroy: (id) => {
      this.#open.delete(id)
    }
  }).enable()

  run<T>(work: () => T): T {
    return current.run(this, work)
  }

  /** What is still there and where it was made, except timers that let the process go. */
  get open(): string[] {
    const held = [...this.#open.values()].filter(
      ({ type, resource }) => type !== 'Timeout' || holds(resource)
    )
    return held.map(({ type, origin }) => `${type}, made ${origin}`)
  }

  end(): void {
    this.#hook.disable()
  }
}

function holds(timer: { hasRef?: () => boolean; _destroyed?: boolean }): boolean {
  return timer.hasRef?.() === true && timer._destroyed !== true
}

function origin(): string {
  const lines = new Error().stack!.split('\n').slice(1)
  return lines.find((line) => !/node:|handle-watch/.test(line))?.trim() ?? 'by Node itself'
}
