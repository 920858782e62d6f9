// A steady load of execs and opens in a real container. Exactly what it did is known, and which part of it is suspicious.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Process } from '../../../schemas/generated/types.js'
import type { ClusterRecords } from './cluster-records.js'
import { distinctEvents } from './event-ledger.js'
import type { TestDocker } from '../services/docker.js'
import type { Workloads } from '../../e2e/native/workload.js'

/** Rules that match every tenth round of a load. */
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

/** The size of a load. Primes, so that none is a multiple of a bound in the code under test. */
export interface LoadSize {
  readonly rounds: number
  readonly opens: number
  readonly pauseUs: number
}

/** What a load did, by name. Each name occurs once. */
export interface LoadTruth {
  readonly opens: readonly string[]
  readonly execs: readonly string[]
}

/** Paths of all files that a load opens, and arguments of all programs that it starts. */
export function truthOf({ rounds, opens }: Omit<LoadSize, 'pauseUs'>): LoadTruth {
  const truth = { opens: [] as string[], execs: [] as string[] }
  for (let round = 0; round < rounds; round++) {
    const name = `${round % 10 === 0 ? 'due-' : ''}${String(round)}`
    truth.execs.push(name)
    for (let number = 0; number < opens; number++) truth.opens.push(`/files/${name}-${String(number)}`)
  }
  return { opens: truth.opens.sort(), execs: truth.execs.sort() }
}

/** Most rounds of a load that a test ends: minutes of it. */
const MAX_ROUNDS = 99_991

/** A load that goes on until its test has seen enough. */
export interface OpenLoad {
  /** Complete id of its container. */
  readonly containerId: string
  /** Ends it. @returns what it did */
  end(): Promise<LoadTruth>
}

/** Starts a load that lasts until it is ended, in a container of its own. */
export async function startOpenLoad(
  docker: TestDocker,
  workloads: Workloads,
  name: string,
  { opens, pauseUs }: Omit<LoadSize, 'rounds'>,
): Promise<OpenLoad> {
  const containerId = await startLoad(docker, workloads, name, { rounds: MAX_ROUNDS, opens, pauseUs })
  return {
    containerId,
    async end() {
      writeFileSync(join(filesOf(workloads, name), 'stop'), '')
      assert.equal(await docker.docker('wait', containerId), '0')
      const rounds = Number(await docker.docker('logs', containerId))
      assert.ok(rounds > 0 && rounds < MAX_ROUNDS, `the load ${name} ended by itself after ${String(rounds)} rounds`)
      return truthOf({ rounds, opens })
    },
  }
}

function filesOf(workloads: Workloads, name: string): string {
  return join(workloads.folder, `files-${name}`)
}

/** Starts a load of a fixed size in a container of its own. @returns the complete id of the container */
export async function startLoad(docker: TestDocker, workloads: Workloads, name: string, size: LoadSize): Promise<string> {
  workloads.program('steady-load')
  const files = filesOf(workloads, name)
  mkdirSync(files)
  return await docker.runDetached(
    ['--name', name, '-v', `${workloads.folder}:/load:ro`, '-v', `${files}:/files`],
    ['/load/steady-load', '-', '/files', String(size.rounds), String(size.opens), String(size.pauseUs)],
  )
}

/** What the topics contain of the load in a container: each event once, including those from before the runtime confirmed the container. */
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

/** What the alerts of a container are about: paths and arguments, with the name of the container in the alert. */
export function alertedOf(records: ClusterRecords, containerId: string): string[] {
  return records.alerts
    .filter((alert) => alert.containerId === containerId)
    .map(({ path, process, container, facts }) => `${path ?? process.args[1] ?? ''} in ${container?.name ?? '?'}, ${facts}`)
    .sort()
}

/** What {@link alertedOf} must return for a load. */
export function expectedAlerts({ opens, execs }: LoadTruth, name: string): string[] {
  return [...opens, ...execs]
    .filter((what) => what.includes('due-'))
    .map((what) => `${what} in ${name}, complete`)
    .sort()
}
