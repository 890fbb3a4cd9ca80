/** Park and Miller's generator: state times FACTOR modulo MODULUS. */
const FACTOR = 48_271
const MODULUS = 2 ** 31 - 1
const START = 1_442_695_041

/**
 * Lets `Math.random` give the same numbers in each process while modules are loaded: Hypercore draws then, once for
 * all runs of a process.
 *
 * @returns gives it back
 */
export function seedLoading(): () => void {
  const { random } = Math
  let state = START
  Math.random = () => {
    state = (state * FACTOR) % MODULUS
    return state / MODULUS
  }
  return () => {
    Math.random = random
  }
}
