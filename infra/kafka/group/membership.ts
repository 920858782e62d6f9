// The membership of one consumer in its group. It joins, gets its partitions, and stays a member by heartbeats from a timer of its own, however
// long a handler takes. Lanes keep reading and committing during a rebalance.
//
//    unjoined ----------> joining ----------> syncing ----------> stable
//        ^      JoinGroup    ^    generation     |  assignment      |
//        |                   +-------------------+------------------+
//        |                     a new generation: another member came or left (heartbeat, sync: REBALANCE_IN_PROGRESS),
//        |                     what was given away has ended (`rejoin`)
//        +---- from each state: the group has forgotten the member (UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION), `lost`
//              or another process is this static member now (FENCED_INSTANCE_ID), `lost` for good
//
// A static member (with an instance id) is not removed by its end, but by the end of its session: whoever joins as the same instance before gets
// the same partitions, without a new generation.
// A commit carries the identity of the latest `stable`; it is valid until the next generation has been put together.
import { type EunomiaError, messageOf } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { Backoff } from '../../waiting/backoff.js'
import { within } from '../../waiting/clock.js'
import { aborted } from '../../waiting/signals.js'
import { Waiters } from '../../waiting/waiters.js'
import { KafkaInstanceError } from '../kafka-errors.js'
import type { KafkaTransport } from '../transport.js'
import { assignPartitions, type GroupMember } from './assignor.js'
import {
  BrokerAnswerError,
  Coordinator,
  FENCED_INSTANCE_ID,
  ILLEGAL_GENERATION,
  MEMBER_ID_REQUIRED,
  REBALANCE_IN_PROGRESS,
  UNKNOWN_MEMBER_ID,
} from './coordinator.js'
import {
  HEARTBEAT,
  heartbeatRequest,
  JOIN_GROUP,
  type JoinAnswer,
  type JoinedMember,
  joinRequest,
  LEAVE_GROUP,
  leaveRequest,
  type MemberIdentity,
  type MemberSettings,
  parseHeartbeat,
  parseJoin,
  parseLeave,
  parseSync,
  SYNC_GROUP,
  syncRequest,
} from './member-requests.js'
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription, type Partitions } from './subscription.js'

/** Time between two heartbeats; also how soon a member notices a rebalance. */
const HEARTBEAT_MS = 1_000
/** Longest wait for an answer beyond the time that the broker may take, milliseconds. */
const MARGIN_MS = 5_000
const PROTOCOL = 'eunomia-sticky'
/** How often a member looks for new partitions. */
const LOOK_MS = 300_000

/** The owner of the lanes. */
export interface MembershipListener {
  /** What the member holds, including what it is about to give away. */
  held(): Partitions
  /** The group gave the member these partitions; everything else that it holds is to be given away, then `rejoin`. */
  assigned(partitions: Partitions): void
  /** The member is none any more: what it held may be somebody else's. */
  lost(): void
  /** How late a heartbeat of the timer is, milliseconds: the event loop was busy. */
  late(ms: number): void
  /** The group can't be reached. */
  failed(error: unknown): void
  succeeded(): void
}

/** What it stands on. */
export interface MembershipDeps {
  readonly transport: KafkaTransport
  readonly settings: MemberSettings
  /** Names in Kafka. */
  readonly topics: readonly string[]
  readonly listener: MembershipListener
  readonly errorOf: (cause: unknown) => EunomiaError
  /** How often it looks for new partitions, milliseconds. Default five minutes. */
  readonly lookMs?: number
  readonly log: Logger
}

type State = 'unjoined' | 'joining' | 'syncing' | 'stable'

const FORGOTTEN: readonly number[] = [UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, FENCED_INSTANCE_ID]

export class Membership {
  readonly #deps: MembershipDeps
  readonly #member: Coordinator
  readonly #changes = new Waiters()
  #state: State = 'unjoined'
  #memberId = ''
  /** Why it can never be a member again. */
  #failure: EunomiaError | null = null
  #identity: MemberIdentity | null = null
  #isRejoinWanted = false
  #isBeating = false
  #beatenAt = 0
  /** Partitions of its topics at the last join. */
  #counts: ReadonlyMap<string, number> = new Map()

  constructor(deps: MembershipDeps) {
    this.#deps = deps
    this.#member = new Coordinator(deps.transport, 'member', deps.settings.group)
  }

  /** Whom a commit may name now; null while there is none. */
  get identity(): MemberIdentity | null {
    return this.#state === 'stable' || this.#state === 'joining' ? this.#identity : null
  }

  /** Is a member until the signal ends it, without leaving. Rejects with errors that can't pass. */
  async run(signal: AbortSignal): Promise<void> {
    const { errorOf, listener, lookMs = LOOK_MS, transport } = this.#deps
    const backoff = new Backoff(100, 5_000)
    const end = aborted(signal)
    this.#beatenAt = performance.now()
    const timer = setInterval(() => void this.#beat(), HEARTBEAT_MS)
    const look = setInterval(() => void this.#look(), lookMs)
    void end.then(() => this.#changes.wake())
    try {
      while (!signal.aborted) {
        try {
          if (this.#failure !== null) throw this.#failure
          await Promise.race([this.#join(), end])
          if (signal.aborted) return
          listener.succeeded()
          backoff.reset()
          await this.#changes.until(() => signal.aborted || this.#isRejoinWanted)
        } catch (cause) {
          if (signal.aborted) return
          const error = errorOf(cause)
          if (!error.isRetryable) throw error
          listener.failed(error)
          await backoff.wait(signal)
          await transport.refresh().catch(() => undefined)
        }
      }
    } finally {
      clearInterval(timer)
      clearInterval(look)
    }
  }

  /** Puts the group together anew: the member holds less than before, or an answer to a commit was lost. */
  rejoin(): void {
    this.#isRejoinWanted = true
    this.#changes.wake()
  }

  /** A commit of this identity was refused. */
  refused(identity: MemberIdentity, errorCode: number): void {
    if (identity !== this.#identity || this.#state !== 'stable') return
    if (FORGOTTEN.includes(errorCode)) this.#lose(errorCode)
    else this.rejoin()
  }

  /** Resolves with an identity other than `after` as soon as there is one, with null when `signal` ends the wait. */
  async settled(after: MemberIdentity | null, signal: AbortSignal): Promise<MemberIdentity | null> {
    const wake = (): void => this.#changes.wake()
    signal.addEventListener('abort', wake)
    try {
      await this.#changes.until(() => signal.aborted || (this.identity !== null && this.identity !== after))
      return signal.aborted ? null : this.identity
    } finally {
      signal.removeEventListener('abort', wake)
    }
  }

  /**
   * Leaves the group, so that the others need not wait for the end of the session. Uses the other connection: a join may wait on the first. A
   * static member stays, for its next start.
   */
  async leave(): Promise<void> {
    const { settings, transport } = this.#deps
    if (this.#memberId === '' || settings.instanceId !== null) return
    const group = new Coordinator(transport, 'group', settings.group)
    const request = leaveRequest(settings, { memberId: this.#memberId, instanceId: null })
    group.check(parseLeave(await group.send(LEAVE_GROUP, request)), 'the group was not left')
  }

  async #join(): Promise<void> {
    const { listener, settings, topics, transport } = this.#deps
    this.#isRejoinWanted = false
    this.#state = this.#memberId === '' ? 'unjoined' : 'joining'
    // Before the leader divides: what a topic gets after this is found by the next look.
    await within(settings.sessionTimeoutMs / 3, transport.refresh()).catch(() => undefined)
    this.#counts = new Map(topics.map((topic) => [topic, transport.partitionCount(topic)]))
    const owned = listener.held()
    const subscription = encodeSubscription({ topics, owned, generation: this.#identity?.generation ?? -1 })
    const request = joinRequest(settings, this.#memberId, PROTOCOL, subscription)
    const answer = parseJoin(await this.#member.send(JOIN_GROUP, request, settings.rebalanceTimeoutMs + MARGIN_MS))
    if (answer.errorCode === MEMBER_ID_REQUIRED) {
      this.#memberId = answer.memberId
      return await this.#join()
    }
    if (FORGOTTEN.includes(answer.errorCode)) return this.#lose(answer.errorCode)
    this.#member.check(answer.errorCode, 'the group could not be joined')
    this.#memberId = answer.memberId
    await this.#sync(answer)
  }

  async #sync(answer: JoinAnswer): Promise<void> {
    const { listener, settings, topics } = this.#deps
    this.#state = 'syncing'
    const identity = { generation: answer.generation, memberId: answer.memberId, instanceId: settings.instanceId }
    const assignments = answer.leader === answer.memberId ? await this.#assign(answer.members) : new Map<string, Buffer>()
    const request = syncRequest(settings, identity, assignments)
    const { errorCode, assignment } = parseSync(await this.#member.send(SYNC_GROUP, request, settings.rebalanceTimeoutMs + MARGIN_MS))
    if (FORGOTTEN.includes(errorCode)) return this.#lose(errorCode)
    if (errorCode === REBALANCE_IN_PROGRESS) return this.rejoin()
    this.#member.check(errorCode, 'the group could not be joined')
    const { partitions: assigned, isGiving } = decodeAssignment(assignment)
    const own = new Map([...assigned].filter(([topic]) => topics.includes(topic)))
    const isReturned = settings.instanceId !== null && this.#identity === null
    this.#identity = identity
    this.#state = 'stable'
    listener.assigned(own)
    this.#changes.wake()
    // A static member that is back has what it had, even if it reads other topics than before, or ended before it joined without what it gave.
    const isOther = assigned.size > 0 && (own.size < assigned.size || own.size < topics.length)
    if (isReturned && (isGiving || isOther)) this.rejoin()
  }

  /** As leader: the assignments of all members. */
  async #assign(joined: readonly JoinedMember[]): Promise<Map<string, Buffer>> {
    const { log, transport } = this.#deps
    const members: GroupMember[] = []
    for (const { memberId, subscription } of joined) {
      try {
        members.push({ memberId, ...decodeSubscription(subscription) })
      } catch (error) {
        log.warn({ memberId, error: messageOf(error) }, 'a member of the group can not be understood, it gets no partitions')
      }
    }
    const topics = [...new Set(members.flatMap((member) => member.topics))]
    // A topic that does not exist is not assigned; whoever subscribed to it reports it.
    await transport.connect(topics).catch(() => undefined)
    const counts = new Map(topics.map((topic) => [topic, transport.partitionCount(topic)]))
    const assignment = assignPartitions(members, counts)
    return new Map(
      members.map(({ memberId, owned }) => {
        const partitions: Partitions = assignment.get(memberId) ?? new Map()
        const isGiving = [...owned].some(([topic, numbers]) => numbers.some((number) => partitions.get(topic)?.includes(number) !== true))
        return [memberId, encodeAssignment({ partitions, isGiving })]
      }),
    )
  }

  async #beat(): Promise<void> {
    const { listener, log, settings, transport } = this.#deps
    const lateMs = Math.round(performance.now() - this.#beatenAt - HEARTBEAT_MS)
    this.#beatenAt += lateMs + HEARTBEAT_MS
    listener.late(Math.max(0, lateMs))
    if (lateMs * 3 > settings.sessionTimeoutMs) log.warn({ group: settings.group, lateMs }, 'a heartbeat is late: the event loop was busy')
    const identity = this.#identity
    if (this.#isBeating || this.#state !== 'stable' || identity === null || this.#isRejoinWanted) return
    this.#isBeating = true
    // On a connection whose other end is gone no answer comes: the next heartbeats must be on another one before the session ends.
    const silenceMs = settings.sessionTimeoutMs / 3
    try {
      const request = heartbeatRequest(settings, identity)
      const errorCode = parseHeartbeat(await this.#member.send(HEARTBEAT, request, undefined, silenceMs))
      if (errorCode === REBALANCE_IN_PROGRESS || FORGOTTEN.includes(errorCode)) this.refused(identity, errorCode)
      else this.#member.check(errorCode, 'a heartbeat was refused')
      listener.succeeded()
    } catch (error) {
      listener.failed(error)
      await transport.refresh().catch(() => undefined)
    } finally {
      this.#isBeating = false
    }
  }

  /** Topics may have got partitions. Not only the leader looks: one that is a static member may not know that it is the leader. */
  async #look(): Promise<void> {
    const { transport } = this.#deps
    await transport.refresh().catch(() => undefined)
    for (const [topic, count] of this.#counts) if (transport.partitionCount(topic) > count) this.rejoin()
  }

  #lose(errorCode: number): void {
    const { listener, log, settings } = this.#deps
    const { group, instanceId } = settings
    if (errorCode === FENCED_INSTANCE_ID)
      this.#failure = new KafkaInstanceError(
        `another process has joined the group ${group} as the instance ${instanceId ?? ''}: it has the partitions now. Give each instance a kafka.instanceId of its own`,
        { details: { group, instanceId } },
      )
    else log.info({ group, memberId: this.#memberId }, 'the group has forgotten this member, it joins as a new one')
    this.#state = 'unjoined'
    this.#memberId = ''
    this.#identity = null
    listener.lost()
    this.rejoin()
  }
}

/** True for answers by which a commit is refused because of its member or generation. */
export function isRefusedMember(error: unknown): error is BrokerAnswerError {
  return error instanceof BrokerAnswerError && (FORGOTTEN.includes(error.errorCode) || error.errorCode === REBALANCE_IN_PROGRESS)
}
