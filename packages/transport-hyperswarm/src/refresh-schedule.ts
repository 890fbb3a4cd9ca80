/**
 * Time before each extra query of a topic (ms). Two peers that join at the same moment each look up before the
 * other's announcement is stored, and Hyperswarm looks up again only after ten minutes. The first delays are for peers
 * that start together, the last ones for peers that enter the DHT slowly.
 */
const DELAYS = [300, 700, 1500, 3000, 8000]

/**
 * Repeats a query a few times, ever less often.
 *
 * @param query does not reject
 * @returns a function that ends the repeats
 */
export function repeat(query: () => Promise<unknown>): () => void {
  let timer: NodeJS.Timeout | undefined
  let ended = false
  const run = async () => {
    for (const delay of DELAYS) {
      await new Promise((resolve) => {
        // Each delay varies by half, so that peers in step fall out of step.
        timer = setTimeout(resolve, delay * (0.5 + Math.random())).unref()
      })
      await query()
      if (ended) return
    }
  }
  run()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}
