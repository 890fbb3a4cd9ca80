import { expect, test } from 'vitest'
import { OpenLinks } from '../../src/simulation/open-links.js'

test('a link whose dialler gave up before it arrived is not open, though it is accepted later', () => {
  const links = new OpenLinks()
  links.note({ type: 'dial', time: 1, link: 1, from: 'a', to: 'b' })
  links.note({ type: 'close', time: 2, link: 1, by: 'a' })
  links.note({ type: 'accept', time: 3, link: 1 })
  expect([...links.open]).toEqual([])
})
