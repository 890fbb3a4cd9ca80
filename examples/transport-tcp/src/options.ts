import { checkOptions, NetworkerError, type OptionKinds } from '@basestore/networker/transport'

export interface TcpOptions {
  /** TCP port to listen on. @default 0, any free port */
  readonly port?: number
  /** IPv4 address to listen on and to be found at. @default '0.0.0.0', all addresses */
  readonly host?: string
  /** Peers to dial for every topic, as `'host:port'`: for networks without multicast. @default [] */
  readonly peers?: readonly string[]
  /** Multicast DNS: its UDP port, and how long a lookup waits for answers (ms). @default 5353 and 500 */
  readonly mdns?: boolean | { readonly port?: number; readonly wait?: number }
}

const OPTIONS: OptionKinds<TcpOptions> = { port: 'number', host: 'string', peers: 'any', mdns: 'any' }

/** @throws NetworkerError `INVALID_OPTION`, also for an option that is not in the list: "did you mean 'port'?" */
export function readOptions(options: TcpOptions) {
  checkOptions<TcpOptions>(options, OPTIONS, { what: 'the options of tcp()', transport: 'tcp' })
  const { port = 0, host = '0.0.0.0', peers = [], mdns = true } = options
  const given = mdns === true ? {} : mdns
  return { port, host, peers: peers.map(readPeer), mdns: given && { port: 5353, wait: 500, ...given } }
}

function readPeer(peer: string): [host: string, port: number] {
  const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(peer) ?? []
  if (host && Number(port) <= 65_535) return [host, Number(port)]
  const detail = `peers must be like '192.168.1.20:4000', got '${peer}'`
  throw new NetworkerError('INVALID_OPTION', detail, { transport: 'tcp' })
}
