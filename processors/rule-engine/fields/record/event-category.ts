// Kind of an event as `evt.category` names it.
import type { RuleRecord } from '../judged-event.js'
import { descriptorKind, kindWord } from '../descriptor/descriptor.js'

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
