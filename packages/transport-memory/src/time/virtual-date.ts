/** A `Date` that takes the current time from a function. */
export function virtualDate(real: DateConstructor, time: () => number): DateConstructor {
  const now = () => Math.floor(time())
  return new Proxy(real, {
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
    construct: (target, args, self) => Reflect.construct(target, args.length > 0 ? args : [now()], self),
    apply: (target) => new target(now()).toString()
  })
}
