/**
 * Finds a small part of a list that still fails, by delta debugging (Zeller and Hildebrandt 2002): it leaves out runs
 * of items, and in the end single items. The empty part is tried first.
 *
 * @param fails tells whether a part fails. It is called for one part at a time, and never twice for the same part
 */
export async function shrink<T>(
  items: readonly T[],
  fails: (part: readonly T[]) => Promise<boolean>
): Promise<readonly T[]> {
  const passed = new Set<string>()
  const failsAnew = async (part: readonly T[]): Promise<boolean> => {
    const key = part.join()
    if (passed.has(key)) return false
    if (await fails(part)) return true
    passed.add(key)
    return false
  }
  let smallest = items
  let parts = 1
  while (smallest.length > 0) {
    const size = Math.ceil(smallest.length / parts)
    const smaller = await firstThatFails(smallest, size, failsAnew)
    if (smaller) {
      smallest = smaller
      parts = Math.max(parts - 1, 1)
    } else if (size === 1) {
      return smallest
    } else {
      parts = Math.min(parts * 2, smallest.length)
    }
  }
  return smallest
}

async function firstThatFails<T>(
  items: readonly T[],
  size: number,
  fails: (part: readonly T[]) => Promise<boolean>
): Promise<readonly T[] | undefined> {
  for (let start = 0; start < items.length; start += size) {
    const part = [...items.slice(0, start), ...items.slice(start + size)]
    if (await fails(part)) return part
  }
  return undefined
}
