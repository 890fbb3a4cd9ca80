import { constants } from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A signal ended the command before it was done. */
export class Interruption extends Error {
  /** 128 and the signal's number, as shells have it. */
  readonly exitCode: number

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`interrupted by ${signal}`)
    this.exitCode = 128 + constants.signals[signal]
  }
}

/** Does work that a signal of the operating system aborts. A second signal ends the process at once. */
export async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onsignal = (signal: (typeof SIGNALS)[number]): void => {
    const interruption = new Interruption(signal)
    if (controller.signal.aborted) process.exit(interruption.exitCode)
    controller.abort(interruption)
  }
  const unlisten = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, onsignal)
  }
  for (const signal of SIGNALS) process.on(signal, onsignal)
  try {
    return await work(controller.signal)
  } finally {
    unlisten()
  }
}
