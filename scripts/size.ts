// What each package adds to its users' programs: fails when one adds more than it may.
import { KIB, minifiedPackages } from './lib/minified.mjs'

for (const { name, bytes, goal, limit } of await minifiedPackages()) {
  const bound = Number.isFinite(limit) ? `of ${kib(limit)}` : 'no limit'
  const miss = bytes > goal ? `the goal is ${kib(goal)}` : ''
  const verdict = bytes > limit ? 'TOO LARGE' : miss
  console.log(`${name.padEnd(32)} ${kib(bytes).padStart(8)} KiB  ${bound.padEnd(8)} ${verdict}`.trimEnd())
  if (bytes > limit) process.exitCode = 1
}

function kib(bytes) {
  return (bytes / KIB).toFixed(1)
}
