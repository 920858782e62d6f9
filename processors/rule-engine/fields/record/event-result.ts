// Result of the call behind an event. What is no call (an exit, a message, a signal that arrives) has none.
import type { RuleRecord } from '../judged-event.js'
import { DESCRIPTOR_KINDS, descriptorKind, kindWord, KIND_SOURCE } from '../descriptor/descriptor.js'
import { categoryOf } from './event-category.js'
import { kindsWithout } from './event-type.js'

/** What {@link callResult} reads. */
export const RESULT_SOURCE =
  'ProcessEvent.type ProcessEvent.result FileEvent.result NetworkEvent.type NetworkEvent.syscall NetworkEvent.result KernelEvent.type KernelEvent.syscall KernelEvent.result'
/** What {@link failedCallOn} reads. */
export const FAILURE_SOURCE = `${RESULT_SOURCE} ${KIND_SOURCE}`

/** undefined for an event that no call made. */
export function callResult(event: RuleRecord): number | undefined {
  switch (event.topic) {
    case 'process':
      return event.record.type === 'exit' ? undefined : event.record.result
    case 'file':
      return event.record.result
    case 'network':
      return event.record.type === 'dns' || event.record.syscall === 'UNKNOWN' ? undefined : event.record.result
    case 'kernel':
      return event.record.syscall === 'UNKNOWN' && event.record.type !== 'io_uring' ? undefined : event.record.result
  }
}

/** Types of records that no call made. */
const NO_CALL = { process: ['exit'], network: ['dns'], kernel: ['oom_kill'] }
/** Types of records with a result. */
export const CALL_KINDS = kindsWithout(NO_CALL)
/** Types of records by what a call of them may be about. */
export const CONCERN_KINDS = {
  file: { file: DESCRIPTOR_KINDS.file, kernel: ['dup', 'setns', 'module_load'] },
  net: { file: ['chmod', 'chown'], network: DESCRIPTOR_KINDS.network, kernel: ['dup', 'setns'] },
  memory: { kernel: ['memfd'] },
  other: kindsWithout({ ...NO_CALL, file: ['open'], kernel: ['oom_kill', 'memfd', 'module_load'] }),
}

/** What a call is about, as Falco counts failures. */
export type Concern = 'file' | 'net' | 'memory' | 'other'

/** 1 for a failed call, 0 for one that went well, when it is about this; else undefined. */
export function failedCallOn(event: RuleRecord, concern: Concern): number | undefined {
  const result = callResult(event)
  return result === undefined || concernOf(event) !== concern ? undefined : result < 0 ? 1 : 0
}

function concernOf(event: RuleRecord): Concern {
  const kind = descriptorKind(event)
  const word = kind === null ? null : kindWord(kind)
  if (word === 'file' || word === 'directory') return 'file'
  if (word === 'ipv4' || word === 'ipv6' || word === 'unix') return 'net'
  if (event.topic === 'file' && event.record.type === 'open') return 'file'
  if (event.topic === 'network' && kind === null) return 'net'
  return categoryOf(event) === 'memory' ? 'memory' : 'other'
}
