// The result and the category of the call that made an event, for `evt.res`, `evt.count.error.*` and `evt.category`. Events that no call made
// (an exit, a DNS message, a signal that arrives) have no result.
import type { RuleRecord } from '../rule-event.js'
import { DESCRIPTOR_KINDS, descriptorKind, kindWord, KIND_SOURCE } from '../descriptor/descriptor.js'
import { kindsWithout } from '../record/event-type.js'

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

/** Record types without a call. */
const NO_CALL = { process: ['exit'], network: ['dns'], kernel: ['oom_kill', 'drop'] }
/** Record types with a result. */
export const CALL_KINDS = kindsWithout(NO_CALL)
/** Record types by what their calls may be about. */
export const CONCERN_KINDS = {
  file: { file: DESCRIPTOR_KINDS.file, kernel: ['dup', 'setns', 'module_load', 'ioctl'] },
  net: {
    file: DESCRIPTOR_KINDS.file.filter((type) => type !== 'open'),
    network: DESCRIPTOR_KINDS.network,
    kernel: ['dup', 'setns', 'ioctl'],
  },
  memory: { kernel: ['memfd'] },
  other: kindsWithout({ ...NO_CALL, file: ['open'], kernel: ['oom_kill', 'drop', 'memfd', 'module_load'] }),
}

/** What a call is about, as Falco counts failures. */
export type Concern = 'file' | 'net' | 'memory' | 'other'

/** 1 for a failed call, 0 for a successful one, if it is about this; else undefined. */
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

/** What {@link categoryOf} reads. */
export const CATEGORY_SOURCE =
  'KernelEvent.type KernelEvent.descriptorType KernelEvent.family KernelEvent.remoteAddress KernelEvent.localAddress'

const words = (text: string): readonly string[] => text.split(' ')

const BY_TYPE: ReadonlyMap<string, string> = new Map(
  (
    [
      ['file', 'mount umount'],
      ['process', 'chroot ptrace capset setns unshare'],
      ['user', 'setuid setgid'],
      ['signal', 'signal'],
      ['memory', 'memfd oom_kill'],
      ['file', 'userfaultfd'],
    ] as const
  ).flatMap(([category, types]) => words(types).map((type): [string, string] => [type, category])),
)

const SOCKET_WORDS = new Set(['ipv4', 'ipv6', 'unix', 'netlink'])

/** `process`, `file`, `net`, `user`, `signal`, `memory`, `IPC` or `other`. */
export function categoryOf(event: RuleRecord): string {
  if (event.topic === 'process' || event.topic === 'file') return event.topic
  if (event.topic === 'network') return 'net'
  if (event.record.type !== 'dup') return BY_TYPE.get(event.record.type) ?? 'other'
  const kind = descriptorKind(event)
  const word = kind === null ? null : kindWord(kind)
  if (word === null) return 'other'
  return word === 'file' || word === 'directory' ? 'file' : SOCKET_WORDS.has(word) ? 'net' : 'IPC'
}
