const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Milliseconds as `12.300 ms`, `1.234 s` or `2:03:04.567`. */
export function formatTime(ms: number): string {
  if (ms < SECOND) return `${ms.toFixed(ms < 100 ? 3 : 1)} ms`
  // Rounded first: 59.9999 s is then 1:00.000, and not 60.000 s.
  const whole = Math.round(ms)
  return whole < MINUTE ? `${(ms / SECOND).toFixed(3)} s` : clock(whole, 3)
}

/** Milliseconds as {@link formatTime}, but as short as the step between two ticks of an axis allows. */
export function formatTick(ms: number, step: number): string {
  const digits = step >= SECOND ? 0 : Math.min(6, Math.ceil(-Math.log10(step / SECOND)))
  if (ms >= MINUTE) return clock(ms, digits)
  return step < 1 ? `${ms.toFixed(Math.max(0, digits - 3))} ms` : `${(ms / SECOND).toFixed(digits)} s`
}

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 ? value.toFixed(0) : value.toFixed(value < 10 ? 2 : 1)} ${UNITS[power]}`
}

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en')
}

function clock(ms: number, digits: number): string {
  const hours = Math.floor(ms / HOUR)
  const minutes = Math.floor((ms % HOUR) / MINUTE)
  const seconds = ((ms % MINUTE) / SECOND).toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}
