declare module 'protomux-rpc' {
  class ProtomuxRPC {
    constructor(stream: unknown)
    respond(method: string, handler: (request: Buffer) => Buffer | Promise<Buffer>): this
    request(method: string, value: Uint8Array): Promise<Buffer>
  }
  export = ProtomuxRPC
}
