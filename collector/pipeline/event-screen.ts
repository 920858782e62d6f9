// What the readers in this process need of its events. Where no other process reads the topics (`run`), an event that nobody needs is neither
// encoded nor appended, and the ledger counts it as suppressed. Knows no rules: whoever has them implements it.
import type { RingTopic } from '../publish/event-publisher.js'

/** Answers by the rules in force, so that it follows a reload at once. */
export interface EventScreen {
  /** Whether a rule may match a process event of a kind, made by a system call: asked before the event is encoded. */
  isForRules(kind: number, syscall: number): boolean
  /**
   * By what opens are judged, another object after a reload. Null while the verdict on one may depend on its time, number or CPU: what is known of an
   * equal one then says nothing.
   */
  readonly judgeOfOpens: object | null
  /** An event was excluded without being asked for, as an equal one was. */
  excludedAgain(): void
  /** Whether nobody has learned yet that this cgroup is of that container. @param cgroupId decimal */
  isPlaceNew(containerId: string, cgroupId: string): boolean
  /** Whether a rule may match the event with the value bytes[0, end), or it is not known. */
  mayMatch(topic: RingTopic, bytes: Uint8Array, end: number): boolean
}
