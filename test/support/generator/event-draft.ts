// An event under construction: what a wish may set, before it becomes the record of a topic.
import type { Ancestor, ContainerFacts, FileEvent, KernelEvent, NetworkEvent, Process } from '../../../schemas/generated/types.js'
import { sampleContainerFacts, sampleProcess } from '../records/sample-records.js'

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** A draft. Times are microseconds. */
export interface EventDraft {
  /** `evt.type`: decides which record it becomes. */
  eventType: string
  process: Mutable<Process>
  /** null on the host. */
  facts: Mutable<ContainerFacts> | null
  containerId: string
  result: number
  bootTimeUs: number
  wallTimeUs: number
  seq: number
  cpu: number
  /** File of an open; path that was executed. */
  path: string
  /** Path as the call gave it; null when it is the same. */
  pathArgument: string | null
  flags: number
  mode: number | null
  isCreated: boolean
  /** Other fields of its record, if it becomes one of that topic. */
  file: Partial<FileEvent>
  network: Partial<NetworkEvent>
  kernel: Partial<KernelEvent>
}

/** A draft of a program without an action. */
export function newDraft(eventType: string, path: string): EventDraft {
  return {
    eventType,
    process: sampleProcess({ containerId: null, containerClaim: null, cgroupPath: '/' }),
    facts: null,
    containerId: 'c0ffee'.repeat(11).slice(0, 64),
    result: 0,
    bootTimeUs: 86_400_123_456,
    wallTimeUs: 1_760_086_400_123_456,
    seq: 1,
    cpu: 0,
    path,
    pathArgument: null,
    flags: 0,
    mode: null,
    isCreated: false,
    file: {},
    network: {},
    kernel: {},
  }
}

/** Facts of the container of the draft. A draft on the host is put into a container. */
export function factsOf(draft: EventDraft): Mutable<ContainerFacts> {
  draft.facts ??= { ...sampleContainerFacts() }
  return draft.facts
}

/** Changes an ancestor (1 is the parent). Missing ancestors before it are created. */
export function changeAncestor(draft: EventDraft, generation: number, change: Partial<Ancestor>): void {
  const ancestors = [...draft.process.ancestors]
  while (ancestors.length < generation) {
    const pid = Math.max(2, draft.process.pid - 1 - ancestors.length)
    ancestors.push({ pid, startBootUs: 1_000_000, name: 'init', exe: '/sbin/init', exePath: '/usr/sbin/init', exeFlags: 0, program: null })
  }
  const standing = ancestors[generation - 1]
  if (standing !== undefined) ancestors[generation - 1] = { ...standing, ...change }
  draft.process.ancestors = ancestors
}
