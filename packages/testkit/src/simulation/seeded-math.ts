import { Random } from '@basestore/transport-memory'

/**
 * Makes `Math.random` follow from a seed. Hypercore uses it to choose which block it requests from which peer.
 *
 * @returns a function that restores `Math.random`
 */
export function seedMathRandom(seed: number | string): () => void {
  const { random } = Math
  const own = new Random(`${seed}/math`)
  Math.random = () => own.unit()
  return () => {
    Math.random = random
  }
}
