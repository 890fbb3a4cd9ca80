import { bisectLeft, bisectRight } from 'd3-array'
import type { PictureData } from '../data.js'
import { byId } from './dom.js'
import { formatTime } from './format.js'
import type { View } from './view.js'

/** How many steps the slider has. */
const STEPS = 1_000
/** How long playing the whole run takes, in real milliseconds. */
const PLAY_TIME = 20_000
/** Marks that are closer than this share of the run count as one when the reader jumps between marks. */
const APART = 1e-9

/** The slider, and the buttons that change the chosen moment. */
export function showTimes({ end, marks, faults }: PictureData, view: View): void {
  const slider = byId<HTMLInputElement>('time')
  const play = byId<HTMLButtonElement>('play')
  // Before the value: setting the range later would cut the value.
  Object.assign(slider, { min: '0', max: String(end), step: String(end / STEPS) })
  const stops = [...marks.map(({ time }) => time), ...faults.flatMap(({ from, to }) => [from, to]), 0, end]
  const sorted = [...new Set(stops)].sort((a, b) => a - b)

  let frame = 0
  const stop = () => {
    cancelAnimationFrame(frame)
    frame = 0
    play.textContent = 'Play'
  }
  const jump = (time: number | undefined) => {
    stop()
    if (time !== undefined) view.set({ time })
  }
  const run = (last: number) => {
    frame = requestAnimationFrame((now) => {
      const time = Math.min(end, view.look.time + ((now - last) * end) / PLAY_TIME)
      view.set({ time })
      if (time < end) run(now)
      else stop()
    })
  }
  play.onclick = () => {
    if (frame !== 0) return stop()
    if (view.look.time >= end) view.set({ time: 0 })
    play.textContent = 'Pause'
    run(performance.now())
  }
  slider.oninput = () => jump(Math.min(end, slider.valueAsNumber))
  byId('mark-before').onclick = () => jump(sorted[bisectLeft(sorted, view.look.time - end * APART) - 1])
  byId('mark-after').onclick = () => jump(sorted[bisectRight(sorted, view.look.time + end * APART)])
  byId('times').onsubmit = (event) => event.preventDefault()

  view.on(({ time }) => {
    slider.valueAsNumber = time
    slider.setAttribute('aria-valuetext', formatTime(time))
    byId('moment').textContent = formatTime(time)
  })
}
