import { readFile } from 'node:fs/promises'

/**
 * The most bytes this process ever had resident. Linux counts into `maxRSS` also what the parent had when it
 * forked us, so there it is read from elsewhere.
 */
export async function peakMemory(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return (kibibytes ? Number(kibibytes) : process.resourceUsage().maxRSS) * 1024
}
