import { noop } from '../noop.js'

/** The part of `node:diagnostics_channel` that we use, by shape. */
interface Channel {
  readonly hasSubscribers: boolean
  publish(message: unknown): void
}

interface DiagnosticsChannel {
  channel(name: string): Channel
}

const SILENT: Channel = { hasSubscribers: false, publish: noop }

/** Not imported: a bundler for browsers, or Bare, has no such module. */
function diagnostics(): DiagnosticsChannel | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } }
  return process?.getBuiltinModule?.('node:diagnostics_channel') as DiagnosticsChannel | undefined
}

const module = diagnostics()
const channel = (name: string): Channel => module?.channel(`basestore.networker.${name}`) ?? SILENT

/** The channels of all networkers in this process, and what each of them tells. */
export const CHANNELS = {
  note: channel('note'),
  connection: channel('connection'),
  close: channel('close'),
  refuse: channel('refuse'),
  peer: channel('peer'),
  topic: channel('topic'),
  fault: channel('fault')
}
