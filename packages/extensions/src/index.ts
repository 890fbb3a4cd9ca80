export type { Codec, CodecState, Encoding } from './encoding.js'
export type { Extension, ExtensionHandlers } from './extension.js'
export { Extensions, type ExtensionsOptions } from './extensions.js'
export type { ChannelHooks, MuxStream } from './mux-stream.js'
