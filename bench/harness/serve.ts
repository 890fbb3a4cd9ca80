// biome-ignore lint/suspicious/noExplicitAny: each handler has parameters of its own
export type Handlers = Readonly<Record<string, (...args: any[]) => unknown>>

export interface Request {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}

export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

/** Answers the process that started this one, until that lets go of it. */
export function serve(handlers: Handlers): void {
  process.on('message', async ({ id, name, args }: Request) => {
    const handler = handlers[name]
    try {
      if (!handler) throw new Error(`there is no ${name}; there are ${Object.keys(handlers).join(', ')}`)
      process.send!({ id, result: await handler(...args) })
    } catch (error) {
      process.send!({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.once('disconnect', () => process.exit())
}

/** Ends this process, so that whoever waits for its answer is told the error. */
export function fail(error: unknown): void {
  // Not here: it would be caught by what called, such as Protomux.
  process.nextTick(() => {
    throw error
  })
}

/** CPU seconds since the start of this process, and its bytes of memory. */
export function usage(): { cpu: number; rss: number; heapUsed: number } {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return { cpu: (user + system) / 1e6, rss, heapUsed }
}
