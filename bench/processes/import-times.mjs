// Imports packages one after another, and prints the ms until each was there, in a line of JSON.
const times = []
const start = performance.now()
for (const name of process.argv.slice(2)) {
  const exported = await import(name)
  times.push(performance.now() - start)
  if (Object.keys(exported).length === 0) throw new Error(`${name} exports nothing`)
}
console.log(JSON.stringify(times))
process.exit()
