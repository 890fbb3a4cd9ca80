import type NoiseSecretStream from '@hyperswarm/secret-stream'
import { uint } from 'compact-encoding'
import { expect, expectTypeOf, test } from 'vitest'
import type { NoiseStream } from '../../core/src/noise-stream.js'
import {
  type ChannelHooks,
  type Extension,
  type ExtensionHandlers,
  Extensions,
  json,
  type MuxStream
} from '../src/index.js'
import { type Peer, Two } from './support.js'

test('the encoding tells the type of a message', () => {
  const extensions = new Extensions<Peer>()
  expectTypeOf(extensions.register('a')).toEqualTypeOf<Extension<Peer, Uint8Array>>()
  expectTypeOf(extensions.register('b', { encoding: 'utf8' })).toEqualTypeOf<Extension<Peer, string>>()
  expectTypeOf(extensions.register('c', { encoding: 'json' })).toEqualTypeOf<Extension<Peer, unknown>>()
  expectTypeOf(extensions.register('d', { encoding: uint })).toEqualTypeOf<Extension<Peer, number>>()
  extensions.register('e', {
    encoding: 'utf8',
    onmessage(message, peer) {
      expectTypeOf(message).toEqualTypeOf<string>()
      expectTypeOf(peer).toEqualTypeOf<Peer>()
    }
  })
  extensions.register({
    name: 'f',
    onmessage(message) {
      expectTypeOf(message).toEqualTypeOf<Uint8Array>()
    }
  })
  const g = extensions.register('g', (ext) => ({
    encoding: 'utf8',
    onmessage(message, peer) {
      expectTypeOf(message).toEqualTypeOf<string>()
      ext.send(message, peer)
    }
  }))
  expectTypeOf(g).toEqualTypeOf<Extension<Peer, string>>()
  const h = extensions.register('h', () => ({
    onmessage(message) {
      expectTypeOf(message).toEqualTypeOf<Uint8Array>()
    }
  }))
  expectTypeOf(h).toEqualTypeOf<Extension<Peer, Uint8Array>>()
  const i = extensions.register('i', () => ({ encoding: uint, onmessage: (_n: number) => {} }))
  expectTypeOf(i).toEqualTypeOf<Extension<Peer, number>>()
})

test('json<Message>() tells the type of a message', async () => {
  interface Greeting {
    readonly to: string
  }
  const two = new Two()
  try {
    two.connect()
    const greeted = new Promise<Greeting>((resolve) => {
      two.B.register('greeting', {
        encoding: json<Greeting>(),
        onmessage(message) {
          expectTypeOf(message).toEqualTypeOf<Greeting>()
          resolve(message)
        }
      })
    })
    const greeting = two.A.register('greeting', { encoding: json<Greeting>() })
    expectTypeOf(greeting).toEqualTypeOf<Extension<Peer, Greeting>>()
    // @ts-expect-error another message
    expectTypeOf(greeting.send).toBeCallableWith({ from: 'a' }, two.b)
    // @ts-expect-error another message
    expectTypeOf(greeting.broadcast).toBeCallableWith('hello')
    greeting.send({ to: 'b' }, two.b)
    expect(await greeted).toEqual({ to: 'b' })
    const created = two.A.register('created', () => ({
      encoding: json<Greeting>(),
      onmessage: (_: Greeting) => {}
    }))
    expectTypeOf(created).toEqualTypeOf<Extension<Peer, Greeting>>()
    const untyped = two.A.register('untyped', { encoding: json() })
    expectTypeOf(untyped).toEqualTypeOf<Extension<Peer, unknown>>()
    expect(() => untyped.send(undefined, two.b)).toThrow(/cannot encode/)
  } finally {
    two.close()
  }
})

test('handlers can be declared on their own', () => {
  const handlers: ExtensionHandlers<Peer, string> = { encoding: 'utf8', onmessage: (_text: string) => {} }
  new Extensions<Peer>().register('a', handlers)
  expectTypeOf<{ encoding: 'utf8' }>().toExtend<ExtensionHandlers<Peer, string>>()
  expectTypeOf<{ encoding: 'binary' }>().not.toExtend<ExtensionHandlers<Peer, string>>()
})

test('the streams of the networker and of Hyperswarm can be attached', () => {
  expectTypeOf<NoiseStream>().toExtend<MuxStream>()
  expectTypeOf<NoiseSecretStream>().toExtend<MuxStream>()
})

test('the choice among several streams is not on the public page', () => {
  expectTypeOf<keyof Extensions<Peer>>().toEqualTypeOf<'attach' | 'register' | 'destroy'>()
  expectTypeOf<keyof ChannelHooks>().toEqualTypeOf<'onopen' | 'onreject'>()
})
