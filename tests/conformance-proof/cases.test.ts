import { readFile } from 'node:fs/promises'
import { cases } from '@basestore/conformance'
import { expect, it } from 'vitest'
import { allBroken } from './broken/index.js'

const ids = cases.map(({ id }) => id)

it('there are as many cases as ids, and 80 or more', () => {
  expect(new Set(ids).size).toBe(cases.length)
  expect(cases.length).toBeGreaterThanOrEqual(80)
  for (const { id, group, promise } of cases) {
    expect(id).toMatch(new RegExp(`^${group}\\.[a-z-]+$`))
    expect(promise).toMatch(/\.$/)
  }
})

it('each case is turned red by a broken transport, and each broken transport turns one red', () => {
  const reds = Object.values(allBroken).map(({ red }) => red)
  expect(ids.filter((id) => !reds.some((red) => red.includes(id)))).toEqual([])
  expect(reds.filter(({ length }) => length === 0)).toEqual([])
  expect(reds.flat().filter((id) => !ids.includes(id))).toEqual([])
})

it('the guide has a section for each group', async () => {
  const guide = await readFile(new URL('../../docs/writing-a-transport.md', import.meta.url), 'utf8')
  const headings = [...guide.matchAll(/^#{2,} (.+)$/gm)].map(
    ([, text]) =>
      `#${text!
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-')}`
  )
  const anchors = [...new Set(cases.map((one) => one.guide))]
  expect(
    anchors.filter((anchor) => !headings.includes(anchor) && !guide.includes(`"${anchor.slice(1)}"`))
  ).toEqual([])
})
