// What each package adds to its users' programs: fails when one adds more than scripts/lib/size-limits.ts allows.
import { KIB, minifiedPackages } from './lib/minified.js'

for (const { name, bytes, goal, limit } of await minifiedPackages()) {
  const miss = bytes > goal ? `the goal is ${kib(goal)}` : ''
  const verdict = bytes > limit ? 'TOO LARGE' : miss
  const line = `${name.padEnd(32)} ${kib(bytes).padStart(8)} KiB  ${`of ${kib(limit)}`.padEnd(8)} ${verdict}`
  console.log(line.trimEnd())
  if (bytes > limit) process.exitCode = 1
}

function kib(bytes: number): string {
  return (bytes / KIB).toFixed(1)
}
