/** Names of the properties that were read from the objects of a database, such as `session.get`. */
export type Recording = Set<string>

/** The sort of object that a property or method returns. Objects of other sorts are not recorded. */
const GIVEN: { readonly [name: string]: string } = {
  'session.session': 'session',
  'session.columnFamily': 'session',
  'session.snapshot': 'session',
  'session.read': 'read',
  'session.write': 'write',
  'session._state': 'state'
}

/** A database that works as before, and records the name of each property that is asked for. */
export function recorded<T extends object>(target: T, recording: Recording, sort = 'session'): T {
  return new Proxy(target, {
    get(_, property) {
      const value: unknown = Reflect.get(target, property)
      if (typeof property === 'symbol' || !(property in target)) return value // Hypercore probes for other storages
      const name = `${sort}.${property}`
      recording.add(name)
      const given = GIVEN[name]
      if (typeof value === 'function') {
        return (...args: unknown[]) => wrap(Reflect.apply(value, target, args), recording, given)
      }
      return wrap(value, recording, given)
    }
  })
}

function wrap(value: unknown, recording: Recording, sort: string | undefined): unknown {
  if (sort === undefined || typeof value !== 'object' || value === null) return value
  return recorded(value, recording, sort)
}
