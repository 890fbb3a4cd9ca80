export type { TcpOptions } from './options.js'
export { type TcpTransport, tcp } from './tcp-transport.js'
