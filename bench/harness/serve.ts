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

/** Answers the process that started this one, and exits when that process disconnects. */
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

/** Ends this process with an error, which the parent's pending call is rejected with. */
export function fail(error: unknown): void {
  // Thrown in a later tick: a caller such as Protomux would catch it here.
  process.nextTick(() => {
    throw error
  })
}

/** CPU time of this process since its start (s), and its memory (bytes). */
export function usage(): { cpu: number; rss: number; heapUsed: number } {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return { cpu: (user + system) / 1e6, rss, heapUsed }
}
