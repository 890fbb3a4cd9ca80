// Imports packages one after another, and prints the time until each was there (ms), as one line of JSON. It is JavaScript,
// since a loader for TypeScript would count in what is measured.
const times = []
const start = performance.now()
for (const name of process.argv.slice(2)) {
  const exported = await import(name)
  times.push(performance.now() - start)
  if (Object.keys(exported).length === 0) throw new Error(`${name} exports nothing`)
}
console.log(JSON.stringify(times))
process.exit()
