import { AsyncLocalStorage, createHook } from 'node:async_hooks'

/** The types of async_hooks that keep a process alive, or a file descriptor open. */
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
  /** The line of code that made it. */
  readonly origin: string
}

/** The watch in whose `run` the code runs now. */
const current = new AsyncLocalStorage<HandleWatch>()

/**
 * Sees the handles and timers that a piece of work makes, in its callbacks too. Unlike a count of the process's
 * handles, it leaves out those of a test runner and of cases that run at the same time. It cannot see handles that
 * native code opens by itself.
 */
export class HandleWatch {
  readonly #open = new Map<number, Handle>()
  readonly #hook = createHook({
    init: (id, type, _trigger, resource) => {
      if (!HANDLES.has(type) || current.getStore() !== this) return
      this.#open.set(id, { type, resource, origin: origin() })
    },
    destroy: (id) => {
      this.#open.delete(id)
    }
  }).enable()

  run<T>(work: () => T): T {
    return current.run(this, work)
  }

  /** What is open now, and where it was made. Timers that do not keep the process are left out. */
  get open(): string[] {
    const held = [...this.#open.values()].filter(
      ({ type, resource }) => type !== 'Timeout' || keepsProcess(resource)
    )
    return held.map(({ type, origin }) => `${type}, made ${origin}`)
  }

  end(): void {
    this.#hook.disable()
  }
}

function keepsProcess(timer: { hasRef?: () => boolean; _destroyed?: boolean }): boolean {
  return timer.hasRef?.() === true && timer._destroyed !== true
}

function origin(): string {
  const lines = new Error().stack!.split('\n').slice(1)
  return lines.find((line) => !/node:|handle-watch/.test(line))?.trim() ?? 'by Node itself'
}
