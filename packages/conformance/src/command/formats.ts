import type { CaseResult } from '../case-result.js'

/** Prints the results as they come. */
export interface Format {
  begin(title: string, planned: number): void
  case(result: CaseResult, run: number): void
  end(totals: Totals): void
}

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly ms: number
}

type Print = (line: string) => void

/** For people. */
export function text(print: Print): Format {
  let group = ''
  let current = 1
  return {
    begin: (title) => print(`Transport contract: ${title}`),
    case(result, run) {
      if (run !== current) print(`\nRun ${run}`)
      if (run !== current || result.group !== group) print(`\n${result.group}`)
      current = run
      group = result.group
      const { id, status, ms, reason } = result
      const words = { passed: '  ok    ', failed: '  FAILED', skipped: '  skip  ' }
      print(`${words[status]} ${id} (${ms} ms)${reason ? `: ${reason}` : ''}`)
      if (status === 'failed') for (const line of details(result)) print(`         ${line}`)
    },
    end: ({ passed, failed, skipped, ms }) =>
      print(`\n${passed} passed, ${failed} failed, ${skipped} skipped in ${(ms / 1000).toFixed(1)} s`)
  }
}

/** One document, printed at the end. */
export function json(print: Print): Format {
  let fixture = ''
  const cases: object[] = []
  return {
    begin: (title) => {
      fixture = title
    },
    case: ({ error, ...result }, run) => {
      cases.push({ run, ...result, ...(error && { error: { message: error.message, stack: error.stack } }) })
    },
    end: (totals) => print(JSON.stringify({ fixture, ...totals, cases }, null, 2))
  }
}

/** TAP, version 14. */
export function tap(print: Print): Format {
  let number = 0
  return {
    begin(title, planned) {
      print('TAP version 14')
      print(`# ${escapeTap(title)}`)
      print(`1..${planned}`)
    },
    case(result) {
      const { id, promise, status, ms, reason = '' } = result
      const directive = status === 'skipped' ? ` # SKIP ${escapeTap(reason)}` : ''
      print(
        `${status === 'failed' ? 'not ok' : 'ok'} ${++number} - ${escapeTap(`${id}: ${promise}`)}${directive}`
      )
      print('  ---')
      print(`  duration_ms: ${ms}`)
      if (status === 'failed') {
        print('  message: |-')
        for (const line of details(result)) print(`    ${line}`)
      }
      print('  ...')
    },
    end: ({ passed, failed, skipped }) => print(`# ${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
}

function details({ error, promise, guide }: CaseResult): string[] {
  const [at] = /^ +at .*$/m.exec(error?.stack ?? '') ?? ['']
  return [...`${error?.message}`.split('\n'), at.trim(), `Broken promise: ${promise}`, `Guide: ${guide}`]
}

function escapeTap(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('#', '\\#').replaceAll('\n', ' ')
}
