// The owner of a table entry: struct usage_owner of bpf/usage/usage.h, and what the collector knows about that process and its cgroup.
import { HEADER_CGROUP_V1, USAGE_COMM_BYTES, USAGE_OWNER } from '../../native/generated/layout.js'
import type { ContainerIndex } from '../containers/container-index.js'
import type { ProcessEntry, ProcessImage } from '../processes/process-entry.js'
import type { ProcessTable } from '../processes/process-table.js'
import { exePathOf } from '../processes/process-texts.js'
import { microsecondsAt } from '../ring-events/event-header.js'
import type { UsageBody, UsageInterval } from './usage-aggregate.js'

/** Most ended processes whose executable is cached for the interval in which they ended. */
const MAX_ENDED = 16_384

/** A process in a cgroup. */
export interface UsageOwner {
  readonly pid: number
  /** Microseconds since boot. */
  readonly startUs: number
  readonly cgroupId: bigint
  readonly isV1: boolean
}

/** Reads the owner at `at`. */
export function ownerAt(bytes: Buffer, at: number): UsageOwner {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    pid: bytes.readInt32LE(at + USAGE_OWNER.pid),
    startUs: microsecondsAt(view, at + USAGE_OWNER.startBootNs),
    cgroupId: bytes.readBigUInt64LE(at + USAGE_OWNER.cgroupId),
    isV1: (bytes.readUInt32LE(at + USAGE_OWNER.flags) & HEADER_CGROUP_V1) !== 0,
  }
}

/** A text that ends with a NUL; invalid UTF-8 becomes U+FFFD. */
export function commAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at)
  return bytes.toString('utf8', at, end < 0 ? at + USAGE_COMM_BYTES : Math.min(end, at + USAGE_COMM_BYTES))
}

/** Resolves owners. */
export class OwnerFacts {
  readonly #table: Pick<ProcessTable, 'find'>
  readonly #containers: Pick<ContainerIndex, 'membershipOf'>
  /** Processes that ended in this interval. */
  #ended = new Map<string, ProcessImage>()
  /** Ended processes above the bound: their aggregates have no executable. */
  endedForgotten = 0
  #endedBefore = new Map<string, ProcessImage>()

  constructor(table: Pick<ProcessTable, 'find'>, containers: Pick<ContainerIndex, 'membershipOf'>) {
    this.#table = table
    this.#containers = containers
  }

  /** Caches an ended process: the process table removes it before the interval is over. */
  ended({ pid, startUs, image }: ProcessEntry): void {
    if (image === null) return
    if (this.#ended.size < MAX_ENDED) this.#ended.set(keyOf(pid, startUs), image)
    else this.endedForgotten++
  }

  /** Ends the interval after its reading. */
  endInterval(): void {
    this.#endedBefore = this.#ended
    this.#ended = new Map()
  }

  /** @param name of the process at its first action in the interval; after a later exec the new name is returned */
  processOf({ pid, startUs }: UsageOwner, name: string, { startBootUs }: UsageInterval): UsageBody['process'] {
    const key = keyOf(pid, startUs)
    const image = this.#table.find(pid, startUs) ?? this.#ended.get(key) ?? this.#endedBefore.get(key)
    if (image === undefined) return { pid, startBootUs: startUs, name, exePath: null }
    const { sinceUs, facts, texts } = image
    const exePath = exePathOf(texts)
    return {
      pid,
      startBootUs: startUs,
      name: sinceUs > startBootUs ? Buffer.from(facts.comms.subarray(0, facts.commEnd)).toString('utf8') : name,
      exePath: exePath === null ? null : Buffer.from(exePath).toString('utf8'),
    }
  }

  placeOf({ cgroupId, isV1 }: Pick<UsageOwner, 'cgroupId' | 'isV1'>): UsagePlace {
    const { containerId, claim, path } = this.#containers.membershipOf(cgroupId, isV1)
    return { containerId, containerClaim: claim, cgroupId: String(cgroupId), cgroupPath: path }
  }
}

/** Container and cgroup of an owner. */
export type UsagePlace = Pick<UsageBody, 'containerId' | 'containerClaim' | 'cgroupId' | 'cgroupPath'>

const keyOf = (pid: number, startUs: number): string => `${String(pid)} ${String(startUs)}`
