import { describe, expect, it } from 'vitest'
import { shrink } from '../../src/commands/sim/shrink.js'

/** Fails when a part contains all needed items. Records each part that it is asked about. */
function needing(...needed: readonly number[]) {
  const asked: string[] = []
  const fails = async (part: readonly number[]) => {
    asked.push(part.join())
    return needed.every((item) => part.includes(item))
  }
  return { asked, fails }
}

const twenty = Array.from({ length: 20 }, (_, index) => index + 1)

describe('shrink', () => {
  it.each([[[]], [[7]], [[1, 20]], [[3, 4, 11, 17]], [twenty]])(
    'finds exactly those that are needed: %j',
    async (needed) => {
      expect(await shrink(twenty, needing(...needed).fails)).toEqual(needed)
    }
  )

  it('comes to nothing with one try when nothing is needed', async () => {
    const { asked, fails } = needing()
    await shrink(twenty, fails)
    expect(asked).toEqual([''])
  })

  it('asks for no part twice', async () => {
    const { asked, fails } = needing(2, 9, 10)
    await shrink(twenty, fails)
    expect(new Set(asked).size).toBe(asked.length)
  })

  it('has nothing to do with an empty list', async () => {
    const { asked, fails } = needing()
    expect(await shrink([], fails)).toEqual([])
    expect(asked).toEqual([])
  })
})
