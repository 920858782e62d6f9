// struct fork_event of bpf/event.h: KIND_FORK. The header is the child's.
import { EVENT_HEADER_BYTES } from './event-header.js'
import { TASK_FACTS_BYTES } from './task-facts.js'

/** Offsets within struct fork_event. */
export const FORK_EVENT = { facts: EVENT_HEADER_BYTES } as const

/** sizeof(struct fork_event). */
export const FORK_EVENT_BYTES = EVENT_HEADER_BYTES + TASK_FACTS_BYTES

/** Where the facts of the child lie. @returns -1 when the record is malformed */
export function forkFactsAt(at: number, length: number): number {
  return length < FORK_EVENT_BYTES ? -1 : at + FORK_EVENT.facts
}
