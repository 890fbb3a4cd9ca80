import { readFile } from 'node:fs/promises'

/**
 * The most memory that this process ever had resident, in bytes. On Linux `maxRSS` includes what the parent process had
 * when it forked this one; /proc has the figure without it.
 */
export async function peakMemory(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return (kibibytes ? Number(kibibytes) : process.resourceUsage().maxRSS) * 1024
}
