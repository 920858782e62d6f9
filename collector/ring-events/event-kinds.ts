// The kinds of ring records and the sequence spaces they count in: the numbers of bpf/event.h with the names of the ledger.
// Knows no layout; the files beside it know one layout each.
import type { TopicKey } from '../../infra/topics.js'

/** enum event_kind. */
export const KIND = {
  fork: 1,
  exec: 2,
  execRefused: 3,
  exit: 4,
  open: 5,
  cgroupMkdir: 6,
  cgroupRmdir: 7,
  task: 8,
} as const

/** KIND_MAX: kinds are below it. */
export const KIND_MAX = 32

/** enum event_topic: where a kind counts its `seq`. */
export const SEQUENCE = { process: 0, file: 1, cgroup: 2 } as const

/** Number of a sequence space, an index into CpuCounters.seq. */
export type SequenceNumber = (typeof SEQUENCE)[keyof typeof SEQUENCE]

/** What the ledger says of a kind. */
export interface KindFacts {
  /** Name in the ledger. */
  readonly name: string
  readonly sequence: SequenceNumber
  /** Topic that the events go to; null for what the collector itself consumes. */
  readonly topic: TopicKey | null
}

const KINDS: Readonly<Record<number, KindFacts>> = {
  [KIND.fork]: { name: 'fork', sequence: SEQUENCE.process, topic: 'process' },
  [KIND.exec]: { name: 'exec', sequence: SEQUENCE.process, topic: 'process' },
  [KIND.execRefused]: { name: 'exec_refused', sequence: SEQUENCE.process, topic: 'process' },
  [KIND.exit]: { name: 'exit', sequence: SEQUENCE.process, topic: 'process' },
  [KIND.open]: { name: 'open', sequence: SEQUENCE.file, topic: 'file' },
  [KIND.cgroupMkdir]: { name: 'cgroup_mkdir', sequence: SEQUENCE.cgroup, topic: null },
  [KIND.cgroupRmdir]: { name: 'cgroup_rmdir', sequence: SEQUENCE.cgroup, topic: null },
}

/** Facts of a kind that has a sequence; undefined for KIND_TASK and for a number that this version does not know. */
export function kindFacts(kind: number): KindFacts | undefined {
  return KINDS[kind]
}

/** Name of a sequence space in counters. */
export function sequenceName(sequence: number): string {
  for (const [name, number] of Object.entries(SEQUENCE)) if (number === sequence) return name
  return `sequence_${String(sequence)}`
}
