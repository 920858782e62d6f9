// Who was in which container at a moment of the past, from what runtimes reported and what processes did before it.
import type { ContainerEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { FACTS_MS, type PastReader } from '../history/past-reader.js'
import { boundedText } from './process-activity.js'
import { knownOf } from './story.js'

/** Containers and processes that are remembered, at most. */
const MAX_CONTAINERS = 50_000
const MAX_PROCESSES = 500_000

/** A container that ran. */
export interface ContainerAt {
  readonly containerId: string
  readonly hostId: string
  readonly hostName: string
  readonly runtime: string | null
  readonly name: string | null
  readonly image: string | null
  readonly pod: { readonly name: string; readonly namespace: string } | null
  readonly isPrivileged: boolean | null
  /** In order of their pids. Those that did not start or run a program in the time that was read are missing, but for the first of the container. */
  readonly processes: readonly { readonly pid: number; readonly name: string | null }[]
}

interface Known {
  /** Of the latest report; -1 without one. */
  reportedUs: number
  facts: ReturnType<typeof knownOf> | null
  runtime: string | null
  isEnded: boolean
  endUs: number
  hostId: string
  hostName: string
  readonly processes: Map<number, { name: string | null; atUs: number; isEnded: boolean }>
}

/** The answer, and what found no room. */
export interface ContainersAt {
  readonly containers: readonly ContainerAt[]
  readonly beyond: number
}

/** Collects events up to a moment. */
export class PastContainers {
  readonly #atUs: number
  readonly #known = new Map<string, Known>()
  #processes = 0
  #beyond = 0

  constructor(atMs: number) {
    this.#atUs = atMs * 1000
  }

  container(event: ContainerEvent): void {
    const { origin, type, containerId, initPid } = event
    if (origin.wallTimeUs > this.#atUs) return
    const known = this.#of(containerId, origin)
    if (known === null) return
    if (origin.wallTimeUs >= known.reportedUs) {
      known.reportedUs = origin.wallTimeUs
      known.runtime = event.runtime
      if (event.facts !== null) known.facts = knownOf(event.facts, event.runtime)
    }
    if (type !== 'facts' && origin.wallTimeUs >= known.endUs) {
      known.isEnded = type === 'stopped' || type === 'removed'
      known.endUs = origin.wallTimeUs
    }
    if (initPid !== null && !known.processes.has(initPid)) known.processes.set(initPid, { name: null, atUs: 0, isEnded: false })
  }

  process({ process, origin, type }: ProcessEvent): void {
    const { containerId, pid, name } = process
    if (containerId === null || origin.wallTimeUs > this.#atUs) return
    const known = this.#of(containerId, origin)
    if (known === null) return
    const before = known.processes.get(pid)
    if (before === undefined && ++this.#processes > MAX_PROCESSES) return void this.#beyond++
    if (before === undefined || origin.wallTimeUs >= before.atUs)
      known.processes.set(pid, { name: boundedText(name), atUs: origin.wallTimeUs, isEnded: type === 'exit' })
  }

  result(): ContainersAt {
    const containers = [...this.#known].flatMap(
      ([key, { reportedUs, facts, runtime, isEnded, hostId, hostName, processes }]): ContainerAt[] => {
        const running = [...processes].filter(([, { isEnded: hasEnded }]) => !hasEnded)
        // Without a word of the runtime, a container is as long as its processes.
        if (isEnded || (reportedUs < 0 && running.length === 0)) return []
        return [
          {
            containerId: key.slice(key.indexOf('/') + 1),
            ...{ hostId, hostName },
            runtime,
            name: facts?.name ?? null,
            image: facts?.image ?? null,
            pod: facts?.pod ?? null,
            isPrivileged: facts?.isPrivileged ?? null,
            processes: running.map(([pid, { name }]) => ({ pid, name })).sort((a, b) => a.pid - b.pid),
          },
        ]
      },
    )
    return { containers, beyond: this.#beyond }
  }

  #of(containerId: string, { hostId, hostName }: ContainerEvent['origin']): Known | null {
    const key = `${hostId}/${containerId}`
    let known = this.#known.get(key)
    if (known === undefined) {
      if (this.#known.size >= MAX_CONTAINERS) {
        this.#beyond++
        return null
      }
      known = { reportedUs: -1, facts: null, runtime: null, isEnded: false, endUs: 0, hostId, hostName, processes: new Map() }
      this.#known.set(key, known)
    }
    return known
  }
}

/** Reads the containers of a moment. @param backMs how far back processes are looked for @throws EunomiaError when neither a broker nor the archive answers */
export async function readContainersAt(atMs: number, backMs: number, reader: PastReader): Promise<ContainersAt> {
  const containers = new PastContainers(atMs)
  const toMs = Math.floor(atMs) + 1
  await reader.read({ topics: ['process'], fromMs: Math.max(0, atMs - backMs), toMs, isTransient: true }, ({ record }) =>
    containers.process(record),
  )
  await reader.read({ topics: ['container'], fromMs: Math.max(0, atMs - Math.max(backMs, FACTS_MS)), toMs }, ({ record }) =>
    containers.container(record),
  )
  return containers.result()
}
