import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Socket } from 'node:net'

/** Calls back when a socket that was made just now is told to connect, with the port and the way to go on. */
export function whenConnecting(socket: Socket, onconnecting: (port: number, go: () => void) => void): void {
  socket.connect = (...args: unknown[]): Socket => {
    // node:net passes its arguments as one array: the options, and a listener.
    const [[{ port }]] = args as [[{ port: number }]]
    onconnecting(port, () => {
      if (!socket.destroyed) Reflect.apply(Socket.prototype.connect, socket, args)
    })
    return socket
  }
}

/** Keeps what a socket sends, its end and its close too, until that is told to go. */
export function hold(socket: Socket, held: (() => void)[]): void {
  for (const method of ['_write', '_writev', '_final'] as const) {
    socket[method] = (...args: unknown[]) => {
      held.push(() => Reflect.apply(Socket.prototype[method] as () => void, socket, args))
    }
  }
  socket._destroy = (error, done) => {
    held.push(() => Socket.prototype._destroy.call(socket, error, () => {}))
    done(error)
  }
  held.push(() => {
    for (const method of ['_write', '_writev', '_final', '_destroy']) Reflect.deleteProperty(socket, method)
  })
}

/** Resolves to the ports that this process dials meanwhile, in order. */
export async function portsDialled(work: () => Promise<void>): Promise<number[]> {
  const ports: number[] = []
  const onclient = (message: unknown) => {
    whenConnecting((message as { socket: Socket }).socket, (port, go) => {
      ports.push(port)
      go()
    })
  }
  subscribe('net.client.socket', onclient)
  try {
    await work()
    return ports
  } finally {
    unsubscribe('net.client.socket', onclient)
  }
}
