// Who was in which container at a moment of the past, from what runtimes reported and what processes did before it. A process is known by boot, pid and
// start; of a host, only its latest boot before the moment counts.
import type { ContainerEvent, Origin, ProcessEvent } from '../../../schemas/generated/types.js'
import { FACTS_MS, type PastReader } from '../history/past-reader.js'
import { boundedText } from './process-activity.js'
import { knownOf } from './story.js'

/** Containers, processes and hosts that are remembered, at most. */
const MAX_CONTAINERS = 50_000
const MAX_PROCESSES = 500_000
const MAX_HOSTS = 100_000
/** In no container. */
const ON_HOST = ''

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

/** What runtimes reported of a container in one boot. */
interface Known {
  reportedUs: number
  endUs: number
  facts: ReturnType<typeof knownOf> | null
  runtime: string | null
  initPid: number | null
}

/** A process in its latest container. */
interface Inmate {
  containerId: string
  readonly pid: number
  name: string
  atUs: number
  isEnded: boolean
}

interface Boot {
  readonly bootId: string
  readonly hostName: string
  atUs: number
  readonly containers: Map<string, Known>
  readonly processes: Map<string, Inmate>
}

/** The answer, and what found no room. */
export interface ContainersAt {
  readonly containers: readonly ContainerAt[]
  readonly beyond: number
}

/** Collects events up to a moment, in any order. */
export class PastContainers {
  readonly #atUs: number
  /** Of each host, its boots. */
  readonly #hosts = new Map<string, Map<string, Boot>>()
  #containers = 0
  #processes = 0
  #beyond = 0

  constructor(atMs: number) {
    this.#atUs = atMs * 1000
  }

  container(event: ContainerEvent): void {
    const { origin, type, containerId, initPid } = event
    const boot = this.#bootOf(origin)
    if (boot === null) return
    let known = boot.containers.get(containerId)
    if (known === undefined) {
      if (++this.#containers > MAX_CONTAINERS) return void this.#beyond++
      known = { reportedUs: -1, endUs: -1, facts: null, runtime: null, initPid: null }
      boot.containers.set(containerId, known)
    }
    const isEnd = type === 'stopped' || type === 'removed'
    if (isEnd) known.endUs = Math.max(known.endUs, origin.wallTimeUs)
    if (isEnd || origin.wallTimeUs < known.reportedUs) return
    known.reportedUs = origin.wallTimeUs
    known.runtime = event.runtime
    known.initPid = initPid ?? known.initPid
    if (event.facts !== null) known.facts = knownOf(event.facts, event.runtime)
  }

  process({ process, origin, type }: ProcessEvent): void {
    const { pid, startBootUs, name, isContainerUnknown } = process
    const boot = this.#bootOf(origin)
    if (boot === null || isContainerUnknown) return
    const containerId = process.containerId ?? ON_HOST
    const key = `${String(pid)}/${String(startBootUs)}`
    const known = boot.processes.get(key)
    if (known === undefined) {
      if (++this.#processes > MAX_PROCESSES) return void this.#beyond++
      boot.processes.set(key, { containerId, pid, name: boundedText(name), atUs: origin.wallTimeUs, isEnded: type === 'exit' })
      return
    }
    known.isEnded ||= type === 'exit'
    if (origin.wallTimeUs < known.atUs) return
    known.atUs = origin.wallTimeUs
    known.name = boundedText(name)
    known.containerId = containerId
  }

  result(): ContainersAt {
    const containers = [...this.#hosts].flatMap(([hostId, boots]) => {
      const [latest] = [...boots.values()].sort((a, b) => b.atUs - a.atUs)
      return latest === undefined ? [] : containersOf(hostId, latest)
    })
    return { containers, beyond: this.#beyond }
  }

  /** null for an event after the moment, and for one that finds no room. */
  #bootOf({ hostId, hostName, bootId, wallTimeUs }: Origin): Boot | null {
    if (wallTimeUs > this.#atUs) return null
    let boots = this.#hosts.get(hostId)
    if (boots === undefined) {
      if (this.#hosts.size >= MAX_HOSTS) {
        this.#beyond++
        return null
      }
      boots = new Map()
      this.#hosts.set(hostId, boots)
    }
    let boot = boots.get(bootId)
    if (boot === undefined) {
      boot = { bootId, hostName: boundedText(hostName), atUs: wallTimeUs, containers: new Map(), processes: new Map() }
      boots.set(bootId, boot)
    }
    boot.atUs = Math.max(boot.atUs, wallTimeUs)
    return boot
  }
}

function containersOf(hostId: string, { hostName, containers, processes }: Boot): ContainerAt[] {
  const inside = new Map<string, Inmate[]>()
  for (const one of processes.values()) {
    if (one.isEnded || one.containerId === ON_HOST) continue
    inside.set(one.containerId, [...(inside.get(one.containerId) ?? []), one])
  }
  return [...new Set([...containers.keys(), ...inside.keys()])].flatMap((containerId): ContainerAt[] => {
    const known = containers.get(containerId)
    // A report after the end is of a container that was started again. Without any report, a container is as long as its processes.
    if (known !== undefined && known.endUs > known.reportedUs) return []
    const facts = known?.facts ?? null
    const own: { pid: number; name: string | null }[] = (inside.get(containerId) ?? []).map(({ pid, name }) => ({ pid, name }))
    const initPid = known?.initPid ?? null
    if (initPid !== null && !own.some(({ pid }) => pid === initPid)) own.push({ pid: initPid, name: null })
    return [
      {
        ...{ containerId, hostId, hostName },
        runtime: known?.runtime ?? null,
        name: facts?.name ?? null,
        image: facts?.image ?? null,
        pod: facts?.pod ?? null,
        isPrivileged: facts?.isPrivileged ?? null,
        processes: own.sort((a, b) => a.pid - b.pid),
      },
    ]
  })
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
