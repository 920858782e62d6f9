// The kinds of ring records and their sequences: the numbers of bpf/record/event.h with the names of the ledger.
// Knows no layout.
import { KIND, SEQUENCE } from '../../native/generated/layout.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'

/** Name of a kind in this table. */
export type KindName = keyof typeof KIND

/** Number of a sequence space, an index into CpuCounters.seq. */
export type SequenceNumber = (typeof SEQUENCE)[keyof typeof SEQUENCE]

/** Facts of a kind for the ledger. */
export interface KindFacts {
  /** Name in the ledger. */
  readonly name: string
  readonly sequence: SequenceNumber
  /** Topic of the events; null for records that the collector itself consumes. */
  readonly topic: TopicKey | null
}

/** First and last kind of the topics with many kinds. */
const FILE_CHANGES = [KIND.rename, KIND.times] as const
const SOCKETS = [KIND.socket, KIND.dns] as const
const KERNEL_CALLS = [KIND.mount, KIND.ioctl] as const

const isWithin = (kind: number, [first, last]: readonly [number, number]): boolean => kind >= first && kind <= last

const KINDS: readonly (KindFacts | undefined)[] = (() => {
  const kinds: KindFacts[] = []
  for (const [name, kind] of Object.entries(KIND)) {
    if (kind === KIND.task) continue
    const ledgerName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    kinds[kind] = { name: ledgerName, ...placeOf(kind) }
  }
  return kinds
})()

function placeOf(kind: number): Pick<KindFacts, 'sequence' | 'topic'> {
  if (kind === KIND.open || isWithin(kind, FILE_CHANGES)) return { sequence: SEQUENCE.file, topic: 'file' }
  if (isWithin(kind, SOCKETS)) return { sequence: SEQUENCE.network, topic: 'network' }
  if (isWithin(kind, KERNEL_CALLS) || kind === KIND.pipe) return { sequence: SEQUENCE.kernel, topic: 'kernel' }
  // Consumed by the collector itself.
  if (kind === KIND.cgroupMkdir || kind === KIND.cgroupRmdir || kind === KIND.streams) return { sequence: SEQUENCE.cgroup, topic: null }
  return { sequence: SEQUENCE.process, topic: 'process' }
}

const kindsWithin = (range: readonly [number, number]): number[] => Object.values(KIND).filter((kind) => isWithin(kind, range))

/** Kinds of struct file_change_event and struct file_attribute_event. */
export const FILE_CHANGE_KINDS: readonly number[] = kindsWithin(FILE_CHANGES)
/** Kinds of struct socket_event. */
export const SOCKET_KINDS: readonly number[] = kindsWithin(SOCKETS)
/** Kinds of struct kernel_call_event. */
export const KERNEL_CALL_KINDS: readonly number[] = kindsWithin(KERNEL_CALLS)

/** Facts of a kind with a sequence; undefined for KIND_TASK and for a number unknown to this version. */
export function kindFacts(kind: number): KindFacts | undefined {
  return KINDS[kind]
}

/** Name of a sequence space in counters. */
export function sequenceName(sequence: number): string {
  for (const [name, number] of Object.entries(SEQUENCE)) if (number === sequence) return name
  return `sequence_${String(sequence)}`
}
