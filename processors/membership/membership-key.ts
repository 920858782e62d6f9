// What the membership store knows: four kinds of entries, each named by host and boot, so that a replay resolves the membership of that time.
// The text of a key is the same in every store and in the near-cache. Knows neither Redis nor Avro.
import { TOPICS } from '../../infra/topic-log/topics.js'

/** What an entry holds. */
export const MEMBERSHIP_KINDS = ['facts', 'cgroup', 'path', 'process'] as const
export type MembershipKind = (typeof MEMBERSHIP_KINDS)[number]

/** How the entries of a kind are stored. */
export interface KindSettings {
  /**
   * Which of two entries takes precedence, by the boot time at which they were true. Facts are as at creation, so the earliest; a process can be
   * moved between cgroups, so the latest. Both lead to the same state in any order of arrival and with any repeats.
   */
  readonly keeps: 'earliest' | 'latest'
  /** Stored for this long after the last write, milliseconds. */
  readonly ttlMs: number
  /** How long an instance uses what it read without reading it again, milliseconds; Infinity for what does not change. */
  readonly freshMs: number
}

/** How old the container of a cgroup or process, or the path of a cgroup, may be while the store is available, milliseconds. */
const MOST_STALE_MS = 30_000

/** Settings of each kind. Containers live as long as their topic stores them; a process only as long as an event can wait for it. */
export const KIND_SETTINGS: Readonly<Record<MembershipKind, KindSettings>> = {
  facts: { keeps: 'earliest', ttlMs: TOPICS.container.retentionMs, freshMs: Infinity },
  cgroup: { keeps: 'latest', ttlMs: TOPICS.container.retentionMs, freshMs: MOST_STALE_MS },
  path: { keeps: 'latest', ttlMs: TOPICS.container.retentionMs, freshMs: MOST_STALE_MS },
  process: { keeps: 'latest', ttlMs: TOPICS.pending.retentionMs, freshMs: MOST_STALE_MS },
}

/** Names one entry. */
export interface MembershipKey {
  readonly kind: MembershipKind
  /** Unique over all kinds. The host is in braces, so that a Redis cluster stores the entries of a host in one slot. */
  readonly text: string
  readonly boot: HostBoot
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Keys are made of UUIDs: anything else could name the entry of another host, or leave the slot of its own. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

/** The boot of a host: within it, container ids, cgroup ids and (pid, start) are unique. */
export interface HostBoot {
  readonly hostId: string
  readonly bootId: string
}

/** Names the facts of a container. */
export function factsKey(boot: HostBoot, containerId: string): MembershipKey {
  return { kind: 'facts', boot, text: `{${boot.hostId}}:${boot.bootId}:facts:${containerId}` }
}

/** Names the container of a cgroup. @param cgroupId decimal */
export function cgroupKey(boot: HostBoot, cgroupId: string): MembershipKey {
  return { kind: 'cgroup', boot, text: `{${boot.hostId}}:${boot.bootId}:cgroup:${cgroupId}` }
}

/** Names the path of a container's own cgroup, as its runtime confirmed it. */
export function pathKey(boot: HostBoot, containerId: string): MembershipKey {
  return { kind: 'path', boot, text: `{${boot.hostId}}:${boot.bootId}:path:${containerId}` }
}

/** Names the container of a process. @param startBootUs start of the process, microseconds since boot */
export function processKey(boot: HostBoot, pid: number, startBootUs: number): MembershipKey {
  return { kind: 'process', boot, text: `{${boot.hostId}}:${boot.bootId}:process:${String(pid)}:${String(startBootUs)}` }
}
