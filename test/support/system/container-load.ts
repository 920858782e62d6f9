// A steady load of execs and opens in a real container, of which is known exactly what it makes, and which of it is suspicious.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Process } from '../../../schemas/generated/types.js'
import type { ClusterRecords } from './cluster-records.js'
import { distinctEvents } from './event-ledger.js'
import type { TestDocker } from '../services/docker.js'
import type { Workloads } from '../../e2e/native/workload.js'

/** Rules for what every tenth round of the load makes. */
export const LOAD_RULES = `
- rule: due file made
  desc: a file of the load, by its name
  condition: evt.type in (open, openat, openat2) and evt.is_open_write=true and fd.name startswith /files/due- and container.id != host
  output: made %fd.name in %container.name
  priority: WARNING
- rule: due program started
  desc: a program of the load, by its argument
  condition: evt.type in (execve, execveat) and proc.args startswith due- and container.id != host
  output: started %proc.cmdline in %container.name
  priority: WARNING
`

/** How much a load makes. Primes, so that no bound of ours divides them. */
export interface LoadSize {
  readonly rounds: number
  readonly opens: number
  readonly pauseUs: number
}

/** What a load made, told by name: each is there once. */
export interface LoadTruth {
  readonly opens: readonly string[]
  readonly execs: readonly string[]
}

/** Paths of all files, and arguments of all programs, that a load makes. */
export function truthOf({ rounds, opens }: LoadSize): LoadTruth {
  const truth = { opens: [] as string[], execs: [] as string[] }
  for (let round = 0; round < rounds; round++) {
    const name = `${round % 10 === 0 ? 'due-' : ''}${String(round)}`
    truth.execs.push(name)
    for (let number = 0; number < opens; number++) truth.opens.push(`/files/${name}-${String(number)}`)
  }
  return { opens: truth.opens.sort(), execs: truth.execs.sort() }
}

/** Starts a load in a container of its own. @returns the whole id of the container */
export async function startLoad(docker: TestDocker, workloads: Workloads, name: string, size: LoadSize): Promise<string> {
  workloads.program('steady-load')
  const files = join(workloads.folder, `files-${name}`)
  mkdirSync(files)
  return await docker.runDetached(
    ['--name', name, '-v', `${workloads.folder}:/load:ro`, '-v', `${files}:/files`],
    ['/load/steady-load', '-', '/files', String(size.rounds), String(size.opens), String(size.pauseUs)],
  )
}

/** What stands in the topics of the load in a container, each event once, also from before its runtime confirmed it. */
export function seenOf(records: ClusterRecords, containerId: string): LoadTruth {
  const isOurs = ({ process }: { readonly process: Pick<Process, 'containerId' | 'containerClaim'> }): boolean =>
    (process.containerId ?? process.containerClaim) === containerId
  const opens = distinctEvents(records.file.filter(isOurs)).flatMap(({ type, path }) =>
    type === 'open' && path?.startsWith('/files/') === true ? [path] : [],
  )
  const execs = distinctEvents(records.process.filter(isOurs)).flatMap(({ type, result, process: { args } }) => {
    return type === 'exec' && result >= 0 && args.length === 2 && args[0] === '/load/steady-load' ? [args[1] ?? ''] : []
  })
  return { opens: opens.sort(), execs: execs.sort() }
}

/** What the alerts of a container are about: paths and arguments, with the name that each alert gives to the container. */
export function alertedOf(records: ClusterRecords, containerId: string): string[] {
  return records.alerts
    .filter((alert) => alert.containerId === containerId)
    .map(({ path, process, container, facts }) => `${path ?? process.args[1] ?? ''} in ${container?.name ?? '?'}, ${facts}`)
    .sort()
}

/** What {@link alertedOf} must give for a load. */
export function expectedAlerts({ opens, execs }: LoadTruth, name: string): string[] {
  return [...opens, ...execs]
    .filter((what) => what.includes('due-'))
    .map((what) => `${what} in ${name}, complete`)
    .sort()
}
