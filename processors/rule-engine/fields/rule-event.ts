// What rules are evaluated on: an event, and what is known of its container at that time. The basic types of the engine: fields read them,
// evaluators receive them. Knows no rule.
import type { ContainerFacts, FileEvent, KernelEvent, NetworkEvent, ProcessEvent } from '../../../schemas/generated/types.js'

/** An event of one of the topics that rules read. */
export type RuleRecord =
  | { readonly topic: 'process'; readonly record: ProcessEvent }
  | { readonly topic: 'file'; readonly record: FileEvent }
  | { readonly topic: 'network'; readonly record: NetworkEvent }
  | { readonly topic: 'kernel'; readonly record: KernelEvent }

/** Topics of such events. */
export const RULE_TOPICS = ['process', 'file', 'network', 'kernel'] as const
/** One of them. */
export type RuleTopic = (typeof RULE_TOPICS)[number]

/** The part of an event that determines its type. */
export type RecordHead =
  | { readonly topic: 'process'; readonly record: Pick<ProcessEvent, 'type' | 'syscall'> }
  | { readonly topic: 'file'; readonly record: Pick<FileEvent, 'syscall'> }
  | { readonly topic: 'network'; readonly record: Pick<NetworkEvent, 'type' | 'syscall'> }
  | { readonly topic: 'kernel'; readonly record: Pick<KernelEvent, 'type' | 'syscall'> }

/** What is known of the container of an event. */
export type ContainerKnowledge =
  | { readonly state: 'host' }
  | { readonly state: 'known'; readonly containerId: string; readonly facts: ContainerFacts }
  /** The container is confirmed but its facts are missing (containerId), or not even that is known (null): Kleene's unknown. */
  | { readonly state: 'unknown'; readonly containerId: string | null }
  /**
   * The deadline passed: facts are missing for good, and fields that need them are absent. containerId: the innermost confirmed container; while
   * isClaimed, the innermost one that the cgroup is named after and that may be real; null for the host; undefined when that was never decided.
   */
  | { readonly state: 'absent'; readonly containerId: string | null | undefined; readonly isClaimed: boolean }

/** One event with what is known of its container. */
export interface RuleEvent {
  readonly event: RuleRecord
  readonly container: ContainerKnowledge
}
