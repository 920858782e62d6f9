// Drafts to records: the last step of making an event, one maker per topic.
import type { ContainerKnowledge, JudgedEvent, RuleRecord } from '../../../processors/rule-engine/judged-event.js'
import type { Origin, Process, Syscall } from '../../../schemas/generated/types.js'
import { SYSCALL_SYMBOLS } from '../../../schemas/generated/types.js'
import { sampleFileEvent, sampleOrigin, sampleProcessEvent } from '../records/sample-records.js'
import type { EventDraft } from './event-draft.js'

const OPENS: readonly string[] = ['open', 'openat', 'openat2', 'creat']
const EXECS: readonly string[] = ['execve', 'execveat']
const FORKS: readonly string[] = ['clone', 'clone3', 'fork', 'vfork']
const ACCESS_MODES = 0o3
const O_CREAT = 0o100

/** Types of events that drafts can become. */
export const MADE_EVENT_TYPES: readonly string[] = [...OPENS, ...EXECS, ...FORKS, 'procexit']

/** @returns the event with what is known of its container; null for a type that no record holds */
export function finishEvent(draft: EventDraft): JudgedEvent | null {
  const event = recordOf(draft)
  return event === null ? null : { event, container: containerOf(draft) }
}

function recordOf(draft: EventDraft): RuleRecord | null {
  const { eventType } = draft
  if (OPENS.includes(eventType)) return fileRecord(draft)
  if (EXECS.includes(eventType)) return processRecord(draft, 'exec')
  if (FORKS.includes(eventType)) return processRecord(draft, 'fork')
  return eventType === 'procexit' ? processRecord(draft, 'exit') : null
}

function fileRecord(draft: EventDraft): RuleRecord {
  const { flags, result } = draft
  const access = flags & ACCESS_MODES
  const isCreate = (flags & O_CREAT) !== 0
  return {
    topic: 'file',
    record: sampleFileEvent({
      syscall: syscallOf(draft),
      path: draft.path,
      isRead: result >= 0 && access !== 1,
      isWrite: result >= 0 && access !== 0,
      isCreate,
      isCreated: draft.isCreated && result >= 0,
      result,
      process: processOf(draft),
      flags,
      mode: isCreate ? (draft.mode ?? 0o644) : draft.mode,
      pathArgument: draft.pathArgument,
      threadId: draft.process.pid,
      origin: originOf(draft),
    }),
  }
}

function processRecord(draft: EventDraft, type: 'exec' | 'fork' | 'exit'): RuleRecord {
  const isExec = type === 'exec'
  const isExit = type === 'exit'
  return {
    topic: 'process',
    record: sampleProcessEvent({
      type,
      syscall: isExit ? 'exit_group' : syscallOf(draft),
      result: draft.result,
      process: processOf(draft),
      filename: isExec ? draft.path : null,
      attemptedArgs: isExec && draft.result < 0 ? draft.process.args : null,
      exitCode: isExit ? 0 : null,
      coreDumped: isExit ? false : null,
      durationUs: isExit ? Math.max(0, draft.bootTimeUs - draft.process.startBootUs) : null,
      origin: originOf(draft),
    }),
  }
}

function processOf({ process, facts, containerId }: EventDraft): Process {
  const id = facts === null ? null : containerId
  const argsBytes = process.args.reduce((sum, argument) => sum + Buffer.byteLength(argument) + 1, 0)
  return { ...process, containerId: id, containerClaim: id, cgroupPath: id === null ? '/system.slice' : `/docker/${id}`, argsBytes }
}

function containerOf({ facts, containerId }: EventDraft): ContainerKnowledge {
  return facts === null ? { state: 'host' } : { state: 'known', containerId, facts }
}

function originOf({ bootTimeUs, wallTimeUs, seq, cpu }: EventDraft): Origin {
  return sampleOrigin({ bootTimeUs, wallTimeUs, seq, cpu })
}

function syscallOf({ eventType }: EventDraft): Syscall {
  return SYSCALL_SYMBOLS.find((name) => name === eventType) ?? 'UNKNOWN'
}
