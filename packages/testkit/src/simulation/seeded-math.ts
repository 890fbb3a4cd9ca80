import { Random } from '@basestore/transport-memory'

/**
 * Lets `Math.random` follow from a seed: Hypercore draws from it which block it asks whom for.
 *
 * @returns gives it back
 */
export function seedMathRandom(seed: number | string): () => void {
  const { random } = Math
  const own = new Random(`${seed}/math`)
  Math.random = () => own.unit()
  return () => {
    Math.random = random
  }
}
