// What a process uses, as the kernel counts it: CPU to the nanosecond, and memory. For benches.
import { readdirSync, readFileSync } from 'node:fs'

/** CPU time of all threads that are there now, nanoseconds. Threads that ended are not in it. */
export function cpuNsOf(pid: number): number {
  return readdirSync(`/proc/${String(pid)}/task`)
    .map((tid) => Number(readFileSync(`/proc/${String(pid)}/task/${tid}/schedstat`, 'utf8').split(' ')[0]))
    .reduce((sum, ns) => sum + ns, 0)
}

/** Resident and proportional memory, and the most that was resident, MiB. */
export function memoryOf(pid: number): { readonly residentMiB: number; readonly proportionalMiB: number; readonly peakMiB: number } {
  const text = ['smaps_rollup', 'status'].map((file) => readFileSync(`/proc/${String(pid)}/${file}`, 'utf8')).join('\n')
  const of = (field: string): number => Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) / 1024)
  return { residentMiB: of('Rss'), proportionalMiB: of('Pss'), peakMiB: of('VmHWM') }
}
