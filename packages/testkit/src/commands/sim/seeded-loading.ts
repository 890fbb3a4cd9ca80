/** Park and Miller's generator: the next state is the state times FACTOR, modulo MODULUS. */
const FACTOR = 48_271
const MODULUS = 2 ** 31 - 1
const START = 1_442_695_041

/**
 * Makes `Math.random` return the same numbers in each process while modules are loaded. Hypercore draws numbers when it
 * is loaded, once for all runs of a process.
 *
 * @returns a function that restores `Math.random`
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
