declare module 'protomux-wakeup' {
  namespace Wakeup {
    interface Core {
      key: Uint8Array
      length: number
    }

    interface Session {
      readonly peers: readonly unknown[]
      announce(peer: unknown, cores: Core[]): void
      destroy(): void
    }
  }

  class Wakeup {
    addStream(stream: unknown): void
    session(capability: Uint8Array, handlers: { onannounce?(cores: Wakeup.Core[]): void }): Wakeup.Session
  }
  export = Wakeup
}
