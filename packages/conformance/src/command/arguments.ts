import { parseArgs } from 'node:util'
import { NetworkerError } from '@basestore/networker/transport'

export const USAGE = `Usage: conformance [options] <fixture>

Runs the cases of the transport contract. <fixture> is a JavaScript file whose default export is the fixture.

  --case NAME   only this case or this group; may be repeated
  --repeat N    run everything N times
  --json        print one JSON document
  --tap         print TAP 14
  --help        print this

Exits with 0 when no case failed, and with 1 otherwise.`

export interface Arguments {
  readonly file: string
  readonly only: readonly string[]
  readonly repeat: number
  readonly format: 'text' | 'json' | 'tap'
}

const OPTIONS = {
  case: { type: 'string', multiple: true, default: [] as string[] },
  repeat: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
  tap: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false }
} as const

/**
 * @returns null to print the usage
 * @throws NetworkerError `INVALID_OPTION`, and Node's own error for an unknown option
 */
export function parse(args: readonly string[]): Arguments | null {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS })
  if (values.help) return null
  const [file] = positionals
  if (!file || positionals.length > 1) {
    throw refuse(`pass one file, whose default export is the fixture; got ${positionals.length}`)
  }
  const repeat = Number(values.repeat)
  if (!Number.isSafeInteger(repeat) || repeat < 1) {
    throw refuse(`--repeat must be a whole number of at least 1, got '${values.repeat}'`)
  }
  if (values.json && values.tap) throw refuse('--json and --tap exclude each other')
  return { file, only: values.case, repeat, format: values.json ? 'json' : values.tap ? 'tap' : 'text' }
}

function refuse(detail: string): NetworkerError {
  return new NetworkerError('INVALID_OPTION', detail)
}
