// The type of an event as rules name it (`evt.type`): the system call, or a name for what is none. Which
// types the records of a topic can have is generated from the table of system calls.
import { RECORD_KINDS, TYPES_WITHOUT_PROBE } from '../../../../schemas/generated/calls.js'
import type { KernelEvent, NetworkEvent } from '../../../../schemas/generated/types.js'
import type { RecordHead, RuleTopic } from '../rule-event.js'

/** null for what no rule is asked about: a snapshot, and what the kernel did by itself to end a call that was told before. */
export function eventTypeOf(event: RecordHead): string | null {
  switch (event.topic) {
    case 'process': {
      const { type, syscall } = event.record
      if (type === 'exit') return 'procexit'
      if (type === 'snapshot' || type === 'UNKNOWN') return null
      if (syscall !== 'UNKNOWN') return syscall
      return type === 'exec' ? 'execve' : 'clone'
    }
    case 'file':
      return event.record.syscall === 'UNKNOWN' ? null : event.record.syscall
    case 'network':
      return networkType(event.record)
    case 'kernel':
      return kernelType(event.record)
  }
}

/** A DNS message is an event of its own beside the datagram that carried it, so it never has the name of the call. */
function networkType({ type, syscall }: Pick<NetworkEvent, 'type' | 'syscall'>): string | null {
  if (type === 'dns') return 'dns'
  if (syscall !== 'UNKNOWN') return syscall
  return type === 'close' ? 'close' : null
}

/** An operation that io_uring ran is told apart from the call that submitted it, which the system call `io_uring_enter` is. */
function kernelType({ type, syscall }: Pick<KernelEvent, 'type' | 'syscall'>): string | null {
  if (syscall !== 'UNKNOWN') return syscall
  if (type === 'signal') return 'signaldeliver'
  if (type === 'oom_kill' || type === 'drop') return type
  return type === 'io_uring' ? 'io_uring' : null
}

const typesOf = (topic: RuleTopic): readonly string[] => Object.values(RECORD_KINDS[topic]).flat()

/** Event types that the records of a topic may have. Some are made by no probe: {@link isEmitted}. */
export const COLLECTED_TYPES_OF: Readonly<Record<RuleTopic, readonly string[]>> = {
  process: typesOf('process'),
  file: typesOf('file'),
  network: typesOf('network'),
  kernel: typesOf('kernel'),
}

/** Event types that records can have. A rule about none of them can't fire. */
export const COLLECTED_EVENT_TYPES: readonly string[] = Object.values(COLLECTED_TYPES_OF).flat()

/** Types of records by topic, but for some. */
export function kindsWithout(without: Partial<Record<RuleTopic, readonly string[]>>): Record<RuleTopic, string[]> {
  const left = (topic: RuleTopic): string[] => Object.keys(RECORD_KINDS[topic]).filter((type) => without[topic]?.includes(type) !== true)
  return { process: left('process'), file: left('file'), network: left('network'), kernel: left('kernel') }
}

const NOT_EMITTED: ReadonlySet<string> = new Set(TYPES_WITHOUT_PROBE)
const EMITTED: ReadonlySet<string> = new Set(COLLECTED_EVENT_TYPES.filter((type) => !NOT_EMITTED.has(type)))

/**
 * The collector makes events of this type. Rules about other types are evaluated on records of other sources, but stay silent on a live
 * host: what lists rules says so.
 */
export function isEmitted(eventType: string): boolean {
  return EMITTED.has(eventType)
}

/** The types that the collector does not make, in their order. @param eventTypes for example those of a rule */
export function typesNotEmitted(eventTypes: readonly string[]): string[] {
  return eventTypes.filter((type) => !EMITTED.has(type))
}
