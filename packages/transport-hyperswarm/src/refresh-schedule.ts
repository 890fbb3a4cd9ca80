/**
 * Milliseconds between the extra queries of a topic. Two peers that join at the same moment each look up before the
 * other's announcement is stored, and Hyperswarm asks again only after ten minutes. The first delays are for peers
 * that start together, the last for those that are slow to enter the DHT.
 */
const DELAYS = [300, 700, 1500, 3000, 8000]

/**
 * Repeats a query a few times, ever less often.
 *
 * @param query does not reject
 * @returns ends that; a pause that is under way never ends then
 */
export function repeat(query: () => Promise<unknown>): () => void {
  let timer: NodeJS.Timeout | undefined
  let over = false
  const run = async () => {
    for (const delay of DELAYS) {
      await new Promise((resolve) => {
        // Each varies by half, so that peers in step fall out of step.
        timer = setTimeout(resolve, delay * (0.5 + Math.random())).unref()
      })
      await query()
      if (over) return
    }
  }
  run()
  return () => {
    over = true
    clearTimeout(timer)
  }
}
