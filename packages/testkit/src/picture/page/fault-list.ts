import type { PictureData } from '../data.js'
import { byId, make } from './dom.js'
import { formatCount, formatTime } from './format.js'
import type { View } from './view.js'

/** Shows faults as bars over the time of the run, with a line at the chosen moment. */
export function showFaults({ faults, end }: PictureData, view: View): void {
  const list = byId('fault-list')
  const rows = faults.map(({ id, kind, who, from, to }) => {
    const name = `${id === undefined ? '' : `#${id} `}${kind}`
    const title = `${name}, ${who}, from ${formatTime(from)} to ${formatTime(to)}`
    const jump = make(
      'button',
      { type: 'button', className: 'bare', title, onclick: () => view.set({ time: from }) },
      make('b', {}, name),
      ` ${who}`
    )
    const bar = make('span', { className: 'bar' })
    bar.style.left = `${(from / end) * 100}%`
    bar.style.width = `${((to - from) / end) * 100}%`
    return make('li', {}, jump, make('span', { className: 'track', title }, bar))
  })
  list.append(...rows)
  view.on(({ time }) => {
    list.style.setProperty('--moment-at', `${(time / end) * 100}%`)
    const now = faults.filter(({ from, to }) => from <= time && time < to)
    for (const [index, row] of rows.entries()) row.classList.toggle('active', now.includes(faults[index]!))
    byId('faults-now').textContent = faultsText(
      faults.length,
      now.map(({ kind, who }) => `${kind} ${who}`)
    )
  })
}

function faultsText(total: number, now: readonly string[]): string {
  if (total === 0) return 'The trace has no faults.'
  const shown = now.slice(0, 3).join('; ') + (now.length > 3 ? ` and ${now.length - 3} more` : '')
  return `${formatCount(total)} in all, ${now.length === 0 ? 'none' : formatCount(now.length)} at the moment${shown && `: ${shown}`}`
}
