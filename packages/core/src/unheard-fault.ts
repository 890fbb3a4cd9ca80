/** Writes a fault that no listener heard to stderr, with how to listen. */
export function writeUnheardFault(error: unknown): void {
  console.error(
    `@basestore/networker: a fault that no listener heard, the only one that is written: ${textOf(error)}\n` +
      "  To hear of all: networker.on('fault', (error) => { … }). To write none: new Networker(store, { warn: false })."
  )
}

function textOf(error: unknown): string {
  const { cause } = (error ?? {}) as { cause?: unknown }
  return cause === undefined ? String(error) : `${error} (${cause})`
}
