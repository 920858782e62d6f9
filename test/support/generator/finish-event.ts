// Turns drafts into records, the last step of creating an event: one function per topic.
import type { ContainerKnowledge, RuleEvent, RuleRecord, RuleTopic } from '../../../processors/rule-engine/fields/rule-event.js'
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'
import {
  type FileEvent,
  type KernelEvent,
  type NetworkEvent,
  type Origin,
  type Process,
  type Syscall,
  FILE_EVENT_TYPE_SYMBOLS,
  KERNEL_EVENT_TYPE_SYMBOLS,
  NETWORK_EVENT_TYPE_SYMBOLS,
  SYSCALL_SYMBOLS,
} from '../../../schemas/generated/types.js'
import { sampleKernelEvent } from '../records/sample-kernel-event.js'
import { sampleNetworkEvent } from '../records/sample-network-event.js'
import { sampleFileEvent, sampleOrigin, sampleProcessEvent } from '../records/sample-records.js'
import type { EventDraft } from './event-draft.js'

const ACCESS_MODES = 0o3
const O_CREAT = 0o100

/** @returns the event with what is known of its container; null for a type that no record holds */
export function finishEvent(draft: EventDraft): RuleEvent | null {
  const event = recordOf(draft)
  return event === null ? null : { event, container: containerOf(draft) }
}

function recordOf(draft: EventDraft): RuleRecord | null {
  const type = <Type extends string>(topic: RuleTopic, types: readonly Type[]): Type | undefined =>
    types.find((name) => RECORD_KINDS[topic][name]?.includes(draft.eventType) === true)
  const process = type('process', ['exec', 'fork', 'exit'])
  if (process !== undefined) return processRecord(draft, process)
  const file = type('file', FILE_EVENT_TYPE_SYMBOLS)
  if (file !== undefined) return fileRecord(draft, file)
  const network = type('network', NETWORK_EVENT_TYPE_SYMBOLS)
  if (network !== undefined) return networkRecord(draft, network)
  const kernel = type('kernel', KERNEL_EVENT_TYPE_SYMBOLS)
  return kernel === undefined ? null : kernelRecord(draft, kernel)
}

function fileRecord(draft: EventDraft, type: FileEvent['type']): RuleRecord {
  const { flags, result } = draft
  const access = flags & ACCESS_MODES
  const isOpen = type === 'open'
  const isCreate = isOpen && (flags & O_CREAT) !== 0
  return {
    topic: 'file',
    record: sampleFileEvent({
      type,
      syscall: syscallOf(draft),
      path: draft.path,
      isRead: isOpen && result >= 0 && access !== 1,
      isWrite: isOpen && result >= 0 && access !== 0,
      isCreate,
      isCreated: isOpen && draft.isCreated && result >= 0,
      result,
      process: processOf(draft),
      flags: isOpen ? flags : 0,
      mode: isCreate ? (draft.mode ?? 0o644) : draft.mode,
      pathArgument: draft.pathArgument,
      threadId: draft.process.pid,
      origin: originOf(draft),
      ...draft.file,
    }),
  }
}

function networkRecord(draft: EventDraft, type: NetworkEvent['type']): RuleRecord {
  const { result, network } = draft
  const made = { type, syscall: syscallOf(draft), result, process: processOf(draft), threadId: draft.process.pid, origin: originOf(draft) }
  return { topic: 'network', record: sampleNetworkEvent({ ...made, ...network }) }
}

function kernelRecord(draft: EventDraft, type: KernelEvent['type']): RuleRecord {
  const { result, kernel } = draft
  const made = { type, syscall: syscallOf(draft), result, process: processOf(draft), threadId: draft.process.pid, origin: originOf(draft) }
  const isTargeted = type === 'ptrace' || type === 'signal' || type === 'process_vm'
  const target = isTargeted ? {} : { targetPid: null, targetName: null, targetStartBootUs: null, targetContainerId: null, request: null }
  return { topic: 'kernel', record: sampleKernelEvent({ ...target, arguments: null, ...made, ...kernel }) }
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
