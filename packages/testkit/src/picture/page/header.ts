import type { PictureData } from '../data.js'
import { byId, make } from './dom.js'
import { formatBytes, formatCount, formatTime } from './format.js'
import type { Run } from './run.js'
import type { View } from './view.js'

/** Shows the result of the run, and the command that repeats it. */
export function showHeader({ data, members }: Run, view: View): void {
  const { report, pairs, leftOut } = data
  const verdict = byId('verdict')
  verdict.textContent = report.ok ? '✓ ok' : '✗ failed'
  verdict.className = report.ok ? 'ok' : 'failed'
  byId('name').textContent = report.name
  const facts: readonly (readonly [string, string])[] = [
    ['Seed', String(report.seed)],
    ['Virtual time', formatTime(report.virtualTime)],
    ['Took', formatTime(report.wallTime)],
    ['Peers', formatCount(members.length)],
    ['Pairs linked', formatCount(pairs.a.length)],
    ['Events', formatCount(report.events)],
    ['Frames', formatCount(report.frames)],
    ...(report.lost > 0 ? [['Frames lost', formatCount(report.lost)] as const] : []),
    ['In frames', formatBytes(report.bytes)],
    ['Peak memory', formatBytes(report.peakMemory)],
    ['Trace hash', report.hash]
  ]
  byId('facts').append(
    ...facts.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value)))
  )
  byId('command').textContent = report.command
  byId('failures').append(...failures(report, view), ...leaks(report.leaks))
  const left = leftOutText(leftOut)
  byId('left-out').hidden = left === ''
  byId('left-out').textContent = left
}

function failures({ failures }: PictureData['report'], view: View): Node[] {
  return failures.map(({ time, message, stack }) => {
    const jump = make(
      'button',
      { type: 'button', onclick: () => view.set({ time }) },
      `at ${formatTime(time)}`
    )
    const more = stack ? [make('details', {}, make('summary', {}, 'Stack'), make('pre', {}, stack))] : []
    return make('div', { className: 'failure' }, jump, ' ', make('span', {}, message), ...more)
  })
}

function leaks(leaks: readonly string[]): Node[] {
  if (leaks.length === 0) return []
  return [make('div', { className: 'failure' }, `Left behind: ${leaks.join(', ')}`)]
}

function leftOutText({ frames, traffic, blocks, faults, marks }: PictureData['leftOut']): string {
  const parts = [
    [frames, 'frames, the earliest of the busiest links, are not shown one by one'],
    [traffic, 'links with few bytes have no chart'],
    [blocks, 'late changes of who has which blocks are not shown'],
    [faults, 'faults are not listed, the latest'],
    [marks, 'of what happened is not listed, the latest']
  ] as const
  const texts = parts.filter(([count]) => count > 0).map(([count, text]) => `${formatCount(count)} ${text}`)
  return texts.length === 0
    ? ''
    : `Left out to keep this page light: ${texts.join('; ')}. Totals count everything.`
}
