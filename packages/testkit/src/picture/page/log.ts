import { bisectRight } from 'd3-array'
import type { PictureData } from '../data.js'
import { byId, make } from './dom.js'
import { formatTime } from './format.js'
import type { View } from './view.js'

/** Lists notes, failures and steps of peers. A click on one jumps to its time. */
export function showLog({ marks }: PictureData, view: View): void {
  const list = byId('log')
  const times = marks.map(({ time }) => time)
  const items = marks.map(({ time, kind, text }) => {
    const label = kind === 'failure' ? `Failure: ${text}` : text
    const at = make('span', { className: 'at' }, formatTime(time))
    return make(
      'li',
      { className: kind },
      make('button', { type: 'button', className: 'bare', onclick: () => view.set({ time }) }, at, label)
    )
  })
  list.append(...items)
  if (items.length === 0)
    list.append(make('li', { className: 'quiet' }, 'The trace has no notes, failures or faults of peers.'))
  view.on(({ time }) => {
    const last = bisectRight(times, time) - 1
    for (const [index, item] of items.entries()) {
      item.classList.toggle('to-come', index > last)
      if (index === last) item.setAttribute('aria-current', 'time')
      else item.removeAttribute('aria-current')
    }
    const item = items[last]
    // Not scrollIntoView, which would scroll the page too.
    if (item) list.scrollTop = item.offsetTop - list.clientHeight / 2
  })
}
