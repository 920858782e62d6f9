// struct fork_event of bpf/record/event.h: KIND_FORK. The header is the child's.
import { EVENT_HEADER_BYTES } from './event-header.js'
import { NAMESPACE_FACTS_BYTES, TASK_FACTS_BYTES, TaskFacts } from './task-facts.js'

/** Offsets within struct fork_event. */
export const FORK_EVENT = { facts: EVENT_HEADER_BYTES, namespaces: EVENT_HEADER_BYTES + TASK_FACTS_BYTES } as const

/** sizeof(struct fork_event). */
export const FORK_EVENT_BYTES = FORK_EVENT.namespaces + NAMESPACE_FACTS_BYTES

/** The facts of the child. @returns null when the record is malformed */
export function readFork(bytes: Uint8Array, view: DataView, at: number, length: number): TaskFacts | null {
  if (length < FORK_EVENT_BYTES) return null
  return TaskFacts.read(bytes, view, at + FORK_EVENT.facts, at + FORK_EVENT.namespaces)
}
