import { describe, expect, test } from 'vitest'
import { checkOptions, NetworkerError, type OptionsContext } from '../src/index.js'

interface Dishes {
  bootstrap?: string
  keyPair?: object
  onmessage?: () => void
  eager?: boolean
  signal?: AbortSignal
}

const KINDS = {
  bootstrap: 'string',
  keyPair: 'object',
  onmessage: 'function',
  eager: 'boolean',
  signal: 'signal'
} as const
const check = (options: unknown, context?: OptionsContext) => () =>
  checkOptions<Dishes>(options, KINDS, context)
const refused = (detail: string) =>
  expect.objectContaining({ code: 'INVALID_OPTION', message: `Invalid option: ${detail}` })

describe('an unknown option', () => {
  test.each([
    ['bootstap', 'bootstrap'],
    ['bootsrtap', 'bootstrap'],
    ['keypair', 'keyPair'],
    ['key_pair', 'keyPair'],
    ['onMessage', 'onmessage'],
    ['onmesage', 'onmessage'],
    ['eagre', 'eager'],
    ['SIGNAL', 'signal']
  ])('%s is taken for a slip of the pen, and %s proposed', (name, near) => {
    expect(check({ [name]: 1 })).toThrow(refused(`unknown option '${name}'; did you mean '${near}'?`))
  })

  test('that is near to none is answered with all that are known', () => {
    const message =
      "unknown option 'colour'; the options of it are bootstrap, keyPair, onmessage, eager and signal"
    expect(check({ colour: 1 }, { what: 'the options of it' })).toThrow(refused(message))
    expect(check({ constructor: 1 })).toThrow(/unknown option 'constructor'/)
  })

  test('that another library has is answered with a hint', () => {
    const hints = { server: "Hyperswarm's server is called announce here" }
    expect(check({ server: true }, { hints })).toThrow(
      refused("unknown option 'server'; Hyperswarm's server is called announce here")
    )
  })

  test('is refused although its value is undefined, and names the transport', () => {
    expect(check({ bootstap: undefined }, { transport: 'tcp' })).toThrow(
      expect.objectContaining({ transport: 'tcp' })
    )
  })
})

test.each<[unknown, string]>([
  [true, 'options must be an object, got true'],
  [null, 'options must be an object, got null'],
  ['eager', "options must be an object, got 'eager'"],
  [[], 'options must be an object, got an array'],
  [() => {}, 'options must be an object, got a function'],
  [{ eager: 'yes' }, "eager must be true or false, got 'yes'"],
  [{ eager: null }, 'eager must be true or false, got null'],
  [{ bootstrap: 1 }, 'bootstrap must be a string, got 1'],
  [{ keyPair: 'f'.repeat(128) }, 'keyPair must be an object, got a string of 128 characters'],
  [{ keyPair: null }, 'keyPair must be an object, got null'],
  [{ onmessage: { secret: 1 } }, 'onmessage must be a function, got an object'],
  [{ signal: {} }, 'signal must be an AbortSignal, got an object']
])('%j is of the wrong type', (options, detail) => {
  expect(check(options)).toThrow(refused(detail))
})

test('known options of the right type pass, and so does one that is undefined', () => {
  const { signal } = new AbortController()
  check({ bootstrap: '', keyPair: {}, onmessage() {}, eager: false, signal })()
  check({ eager: undefined })()
  check(Object.create(null))()
})

describe('an instance of a class', () => {
  class Chat {
    readonly members = new Set()
    bootstrap = 'from an own field'
    get eager() {
      return 'from the prototype'
    }
  }

  test('may have fields of its own, and its prototype is not looked at', () => {
    check(new Chat())()
  })

  test('is refused a field whose name is near to an option', () => {
    expect(check(Object.assign(new Chat(), { onMessage() {} }))).toThrow(/did you mean 'onmessage'/)
  })
})

test('an object may be let carry more than options', () => {
  check({ colour: 1 }, { allowOthers: true })()
  expect(check({ Eager: true }, { allowOthers: true })).toThrow(NetworkerError)
})
