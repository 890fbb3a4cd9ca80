import { encode, uint } from 'compact-encoding'
import { guard, type Hub, type LocalName, noop } from './context.js'
import { codecOf, json } from './encoding.js'
import { check, NetworkerError } from './errors.js'
import type { Extension, Handlers } from './extension.js'
import { encodeMessage, type Span } from './outbox.js'
import type { PeerLinks } from './route.js'
import { ANNOUNCE, announceOf, checkSize, MAX_NAME_SIZE, MAX_NAMES, RETRACT } from './wire.js'

/** Milliseconds between two looks whether a mux is corked still, since that it is uncorked is told to nobody. */
const UNCORK_INTERVAL = 20

/** What the rest of us knows of an extension. */
export interface Registration<P extends object> {
  /** The peer has the name open, or has it no more. */
  update(peer: P, open: boolean): void
  received(message: Uint8Array, peer: P): void
  destroy(): void
}

/** Registers an extension. @param create gives its handlers, and may look at it but not use it */
export function register<P extends object>(
  hub: Hub<P>,
  name: string,
  create: (extension: Extension<P, unknown>) => Handlers<P, unknown> & { encoding?: unknown }
): Extension<P, unknown> {
  check(isName(name), `name must be a string of 1 to ${MAX_NAME_SIZE} bytes in UTF-8`)
  const { names, fault } = hub
  const peers = new Set<P>()
  /** Those whose `onopen` waits until `register` has returned. */
  const greeting = new Set<P>()
  /** The number of the name; undefined before it is registered, and after it was destroyed. */
  let id: number | undefined

  const extension: Extension<P, unknown> = {
    name,
    peers,
    send(message, peer) {
      assertRegistered()
      const links = linksOf(peer)
      return sendTo(links, encoded(message))
    },
    broadcast(message) {
      const span = encoded(message)
      for (const links of hub.peers.values()) sendTo(links, span)
    },
    drained(peer) {
      const done = drained(peer)
      done.catch(noop) // one who does not look at the promise must not end the process
      return done
    },
    destroy
  }
  const handlers = create(extension)
  check(Object(handlers) === handlers, `handlers of '${name}' must be an object`)
  for (const key of ['onmessage', 'onerror', 'onopen', 'onclose'] as const) {
    check(typeof (handlers[key] ?? noop) === 'function', `${key} of '${name}' must be a function`)
  }
  const codec = codecOf(handlers.encoding)
  const local: LocalName<P> = names.get(name) ?? { id: hub.nextId++, registrations: [] }
  if (!names.has(name)) {
    check(names.size < MAX_NAMES, `at most ${MAX_NAMES} names; destroy an extension first`)
    names.set(name, local)
    tellRemotes(ANNOUNCE, announceOf(local.id, name))
  }
  id = local.id
  const registration: Registration<P> = { update, received, destroy }
  local.registrations = [...local.registrations, registration]
  for (const links of hub.peers.values()) {
    if (!links.has(name)) continue
    peers.add(links.peer)
    greeting.add(links.peer)
  }
  queueMicrotask(() => greeting.forEach(greet))
  return extension

  function tellRemotes(type: number, frame: Uint8Array) {
    for (const link of hub.links.values()) link.write(type, frame)
  }

  function destroy() {
    if (id === undefined) return
    id = undefined
    greeting.clear()
    peers.clear()
    local.registrations = local.registrations.filter((one) => one !== registration)
    if (local.registrations.length > 0) return
    names.delete(name)
    tellRemotes(RETRACT, encode(uint, local.id))
  }

  function update(peer: P, open: boolean) {
    if (id === undefined || open === peers.has(peer)) return
    if (open) {
      peers.add(peer)
      tell('onopen', peer)
      return
    }
    peers.delete(peer)
    // One that was never told of is not told to be gone.
    if (!greeting.delete(peer)) tell('onclose', peer)
  }

  function received(buffer: Uint8Array, peer: P) {
    greet(peer)
    guard(
      () => {
        const end = buffer.byteLength
        checkSize(end, hub.maxMessageSize)
        return handlers.onmessage?.(codec.decode({ start: 0, end, buffer }), peer)
      },
      (error) => fail(error, peer)
    )
  }

  function assertRegistered() {
    if (id !== undefined) return
    throw new NetworkerError('CLOSED', `Closed: extension '${name}' is not registered; register it first`)
  }

  /** @throws NetworkerError `PEER_GONE` */
  function linksOf(peer: P): PeerLinks<P> {
    const links = hub.peers.get(peer)
    if (links) return links
    throw new NetworkerError('PEER_GONE', 'Peer is gone: none of its streams is attached')
  }

  async function drained(peer: P) {
    assertRegistered()
    for (;;) {
      const { current, waiting } = linksOf(peer)
      if (!current?.backpressured) return
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
        if (current.corked) setTimeout(resolve, UNCORK_INTERVAL)
      })
    }
  }

  function encoded(message: unknown): Span {
    assertRegistered()
    try {
      return encodeMessage(id!, codec, codec === json ? JSON.stringify(message) : message, hub.maxMessageSize)
    } catch (cause) {
      check(cause instanceof NetworkerError, `extension '${name}' cannot encode the message: ${cause}`, {
        cause
      })
      throw cause
    }
  }

  function sendTo({ current, queued, peer }: PeerLinks<P>, span: Span): boolean {
    if (!current) return true // like a peer without this extension; there is nothing to wait for
    // A first message is taken whatever its size.
    if (queued === 0 || queued + span.end - span.start <= hub.maxBacklog) return current.send(span)
    fail(
      new NetworkerError(
        'BACKLOG_FULL',
        `Peer does not keep up: ${queued} bytes wait; a message was dropped: await drained(peer)`
      ),
      peer
    )
    return false
  }

  function greet(peer: P) {
    if (greeting.delete(peer)) tell('onopen', peer)
  }

  function tell(event: 'onopen' | 'onclose', peer: P) {
    guard(
      () => handlers[event]?.(peer),
      (error) => fail(error, peer)
    )
  }

  function fail(error: unknown, peer: P) {
    if (handlers.onerror) guard(() => handlers.onerror!(error, peer), fault)
    else fault(error)
  }
}

// Half of a surrogate pair would arrive as another name.
function isName(name: unknown): boolean {
  const bytes = Buffer.from(String(name))
  return bytes.length > 0 && bytes.length <= MAX_NAME_SIZE && bytes.toString() === name
}
