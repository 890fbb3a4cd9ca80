// Loaded before a program of a document. Hyperswarm uses the local DHT in LOCAL_DHT instead of the public one. Packages
// are resolved from this file, since the program is in a temporary directory.
import { register } from 'node:module'

const hooks = `
  const swarm = ${JSON.stringify(new URL('./local-hyperswarm.mjs', import.meta.url).href)}
  const here = ${JSON.stringify(import.meta.url)}
  export function resolve(specifier, context, next) {
    if (specifier === 'hyperswarm' && context.parentURL !== swarm) return { url: swarm, shortCircuit: true }
    const bare = /^[@a-z]/.test(specifier) && !specifier.startsWith('node:') && !specifier.startsWith('file:')
    const fromProgram = bare && context.parentURL?.endsWith('.mjs') && context.parentURL.includes('/basestore-program-')
    return next(specifier, fromProgram ? { ...context, parentURL: here } : context)
  }
`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)
