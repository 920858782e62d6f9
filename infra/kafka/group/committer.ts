// Commits what the lanes of a member have finished. Outputs and their offsets go in transactions, one after the other: the first starts at once,
// the next at least 10 ms later with the outputs of all lanes. Offsets without outputs need none and follow a few times a second. A lane whose
// output partition fails goes on alone, under a second transactional id, so that the others do not wait for it. A refused commit is built
// again, from what is still wanted and for the generation of then; it is never sent again.
import { messageOf } from '../../process/errors.js'
import type { Logger } from '../../process/logger.js'
import { Backoff } from '../../waiting/backoff.js'
import { pause } from '../../waiting/clock.js'
import { type Deferred, deferred, Waiters } from '../../waiting/waiters.js'
import type { KafkaTransport } from '../transport.js'
import { partitionKey } from '../partitions.js'
import { BrokerAnswerError, Coordinator } from './coordinator.js'
import type { MemberIdentity } from './member-requests.js'
import { isRefusedMember, type Membership } from './membership.js'
import { type GroupOffset, OFFSET_COMMIT, offsetCommitRequest, parseCommit } from './offset-requests.js'
import { mergedOutputs, type Outputs } from './output-batches.js'
import { type GroupOffsets, HANGING_MS } from './group-offsets.js'
import { OutputFailedError, TransactionalProducer, type transactionalIdsOf, UndecidedError } from './transactional-producer.js'

const TRANSACTION_EVERY_MS = 10
const COMMIT_EVERY_MS = 250
/**
 * GROUP_, CLUSTER_AUTHORIZATION_FAILED, UNSUPPORTED_VERSION, INVALID_REQUEST, INVALID_TRANSACTION_TIMEOUT (ours is above the broker's
 * transaction.max.timeout.ms), TRANSACTIONAL_ID_AUTHORIZATION_FAILED, SECURITY_DISABLED.
 */
const NEVER_ALLOWED: readonly number[] = [30, 31, 35, 42, 50, 53, 54]
/** Attempts to take over an instance's ids for one line of the log. */
const TAKE_OVER_LOG_EVERY = 12
/** Longest step of a wait that new work may end. */
const POLL_MS = 50

/** What it stands on. */
export interface CommitterDeps {
  readonly transport: KafkaTransport
  readonly clientId: string
  /** Name in Kafka. */
  readonly group: string
  /** Different for each member. */
  readonly transactionalIds: ReturnType<typeof transactionalIdsOf>
  readonly membership: Pick<Membership, 'identity' | 'settled' | 'refused' | 'rejoin'>
  readonly offsets: Pick<GroupOffsets, 'stable' | 'repair'>
  /** An attempt to commit outputs of a partition failed. */
  readonly onRetry: (error: unknown, offset: GroupOffset, attempt: number) => void
  /** The broker refuses what this user may never do: trying again can't help. */
  readonly onRefused: (error: unknown) => void
  readonly log: Logger
}

/** Finished records of a lane that wait for a transaction. */
interface Work {
  readonly key: string
  readonly offset: GroupOffset
  readonly outputs: Outputs
  readonly backoff: Backoff
  readonly done: Deferred<boolean>
  /** Monotonic time before which it is not tried again, milliseconds. */
  notBefore: number
  /** A transaction with it ended without a clear answer. */
  isUndecided: boolean
  /** Monotonic time since when its offset is pending although its transaction has ended, milliseconds. */
  pendingSinceMs: number | null
  /** Its partition is being given away: it is not tried again after a failure. */
  readonly isLeaving: () => boolean
  /** Its offset is not committed with it, and does not say whether it is: without an answer, its outputs are written again. */
  readonly isDeferred: boolean
}

/** `parted`: lanes of an output partition that failed go on apart. `refused`: the next attempt needs another identity. */
type Outcome = 'committed' | 'nothing' | 'parted' | 'refused' | 'failed'

type Plain = readonly [key: string, offset: GroupOffset]

export class Committer {
  readonly #deps: CommitterDeps
  readonly #group: Coordinator
  readonly #end = new AbortController()
  readonly #changes = new Waiters()
  /** Finished without outputs, by partition. */
  readonly #plain = new Map<string, GroupOffset>()
  /** For the next transaction of all. */
  readonly #together = new Map<string, Work>()
  /** For transactions of their own. */
  readonly #apart = new Map<string, Work>()
  /** Output partitions that failed last. */
  readonly #failing = new Set<string>()
  /** Offsets without outputs are on their way, alone or in the transaction of all: nothing else of their lanes may be committed meanwhile. */
  #underWay: Deferred<void> | undefined
  /** A plain commit of this member got no answer: it may arrive late, until there is another generation. */
  #unanswered: MemberIdentity | null = null
  /** Whose commit was refused: the next one waits for another identity. */
  #refused: MemberIdentity | null = null
  #isFlushDue = false
  #timer: NodeJS.Timeout | undefined
  readonly #producers: readonly TransactionalProducer[]
  readonly #loops: readonly Promise<void>[]

  constructor(deps: CommitterDeps) {
    this.#deps = deps
    this.#group = new Coordinator(deps.transport, 'group', deps.group)
    const { clientId, group, transactionalIds, transport } = deps
    const producer = { transport, clientId, group }
    const together = new TransactionalProducer({ ...producer, transactionalId: transactionalIds.together })
    const apart = new TransactionalProducer({ ...producer, transactionalId: transactionalIds.apart, isApart: true })
    this.#producers = [together, apart]
    this.#loops = [this.#commitTogether(together).finally(() => this.#underWay?.resolve()), this.#commitApart(apart)]
  }

  /** Takes the transactional ids over, which ends what a former process with the same ids left open. Resolves when that is done. */
  async takeOver(): Promise<void> {
    await Promise.all(this.#producers.map((producer) => this.#takeOver(producer)))
  }

  async #takeOver(producer: TransactionalProducer): Promise<void> {
    const { signal } = this.#end
    const backoff = new Backoff(50, 2_000)
    while (!signal.aborted) {
      try {
        await producer.ready()
        return
      } catch (error) {
        this.#checkAllowed(error)
        const facts = { group: this.#deps.group, attempt: backoff.attempts + 1, error: messageOf(error) }
        // The lanes wait for it: their silence needs a reason. A line at once, and then one in about 20 s.
        if (backoff.attempts % TAKE_OVER_LOG_EVERY === 0)
          this.#deps.log.warn(facts, 'the transactions of this instance are not taken over yet')
        await backoff.wait(signal)
      }
    }
  }

  /** Records below the offset are finished without outputs. */
  finished(offset: GroupOffset): void {
    this.#plain.set(partitionKey(offset.topic, offset.partition), offset)
    this.#timer ??= setTimeout(() => this.#flushNow(), COMMIT_EVERY_MS)
  }

  /**
   * Commits outputs with the offset, however often it takes.
   * @param isLeaving true when its partition is being given away: after a failure it is not tried again
   * @param isDeferred only the outputs: the offset follows when it is finished. They may be written again
   * @returns false if the partition was given away or lost before: then nothing is committed, or nobody knows
   */
  async commit(offset: GroupOffset, outputs: Outputs, isLeaving: () => boolean, isDeferred = false): Promise<boolean> {
    const key = partitionKey(offset.topic, offset.partition)
    if (!isDeferred) this.#plain.delete(key)
    const backoff = new Backoff(50, 2_000)
    const work = {
      key,
      offset,
      outputs,
      backoff,
      done: deferred<boolean>(),
      notBefore: 0,
      isUndecided: false,
      pendingSinceMs: null,
      isLeaving,
      isDeferred,
    }
    const isFailing = [...outputs.keys()].some((place) => this.#failing.has(place))
    ;(isFailing ? this.#apart : this.#together).set(key, work)
    this.#changes.wake()
    return await work.done.promise
  }

  /** A partition is being given away: its work does not wait for another attempt. */
  leave(topic: string, partition: number): void {
    const work = this.#apart.get(partitionKey(topic, partition))
    if (work !== undefined && work.notBefore > performance.now() && !work.isUndecided) this.#settle(work, false)
  }

  /** Resolves when the offset of a partition is committed, or is dropped. */
  async flush(topic: string, partition: number): Promise<void> {
    const key = partitionKey(topic, partition)
    if (this.#plain.has(key)) this.#flushNow()
    await this.#changes.until(() => !this.#plain.has(key) || this.#end.signal.aborted)
  }

  /** A partition is lost: whatever is not sent yet is not sent. */
  drop(topic: string, partition: number): void {
    const key = partitionKey(topic, partition)
    this.#plain.delete(key)
    for (const works of [this.#together, this.#apart]) {
      const work = works.get(key)
      if (work !== undefined) this.#settle(work, false)
    }
    this.#changes.wake()
  }

  /** Ends it. What waits is not committed; a transaction under way ends first. */
  async close(): Promise<void> {
    this.#end.abort()
    clearTimeout(this.#timer)
    for (const work of [...this.#together.values(), ...this.#apart.values()]) this.#settle(work, false)
    this.#changes.wake()
    await Promise.all(this.#loops)
  }

  #flushNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isFlushDue = true
    this.#changes.wake()
  }

  async #commitTogether(producer: TransactionalProducer): Promise<void> {
    const { signal } = this.#end
    const backoff = new Backoff(50, 2_000)
    let startedAt = -Infinity
    while (!signal.aborted) {
      await this.#changes.until(() => signal.aborted || this.#together.size > 0 || this.#isFlushDue)
      const member = await this.#member()
      if (member === null) return
      const isTransaction = this.#together.size > 0
      const restMs = startedAt + TRANSACTION_EVERY_MS - performance.now()
      if (isTransaction && restMs > 0) await pause(restMs, signal)
      if (isTransaction) startedAt = performance.now()
      this.#isFlushDue = false
      const isDone = await (isTransaction ? this.#commitAll(producer, member) : this.#commitPlain(producer, member))
      if (isDone) backoff.reset()
      else await backoff.wait(signal)
    }
  }

  async #commitApart(producer: TransactionalProducer): Promise<void> {
    const { signal } = this.#end
    while (!signal.aborted) {
      await this.#changes.until(() => signal.aborted || this.#apart.size > 0)
      if (this.#apart.size === 0) continue
      const waitMs = Math.min(...[...this.#apart.values()].map(({ notBefore }) => notBefore)) - performance.now()
      if (waitMs > 0) {
        await pause(Math.min(waitMs, POLL_MS), signal)
        continue
      }
      await this.#underWay?.promise
      const member = await this.#member()
      if (member === null) return
      // All that are due: those whose partitions fail again wait, and the others go on without them.
      const due = [...this.#apart.values()].filter(({ notBefore }) => notBefore <= performance.now())
      await this.#transact(producer, this.#apart, due, member)
    }
  }

  /** Whom a commit may name. Waits while the member has none, or while a commit of the one it has may still arrive. */
  async #member(): Promise<MemberIdentity | null> {
    const { membership } = this.#deps
    const { signal } = this.#end
    for (;;) {
      const member = await membership.settled(this.#refused, signal)
      if (member === null || member !== this.#unanswered) return member
      // Kafka takes commits of the same generation in whatever order they arrive: in the next one, the late one is refused.
      membership.rejoin()
      await membership.settled(member, signal)
    }
  }

  /** One transaction for all lanes; offsets without outputs ride along. False if it failed for a reason of all. */
  async #commitAll(producer: TransactionalProducer, member: MemberIdentity): Promise<boolean> {
    const riding = await this.#startPlain(producer).catch(() => [])
    const outcome = await this.#transact(producer, this.#together, [...this.#together.values()], member, riding)
    if (outcome === 'committed' || outcome === 'nothing') this.#endPlain(outcome === 'committed' ? riding : [])
    if (this.#underWay !== undefined || this.#plain.size > 0) this.#isFlushDue = true
    return outcome !== 'failed'
  }

  /** Tries to commit works in one transaction, without those that were settled meanwhile. */
  async #transact(
    producer: TransactionalProducer,
    works: Map<string, Work>,
    all: readonly Work[],
    member: MemberIdentity,
    riding: readonly Plain[] = [],
  ): Promise<Outcome> {
    const isWaiting = (work: Work): boolean => works.get(work.key) === work
    try {
      await this.#decide(producer, all)
      const tried = all.filter((work) => isWaiting(work) && work.notBefore <= performance.now())
      if (tried.length === 0) return 'nothing'
      const own = new Map(tried.filter(({ isDeferred }) => !isDeferred).map(({ key, offset }) => [key, offset]))
      // A lane may have come with outputs after its former offset was taken along: a broker keeps the last of two.
      const offsets = [...own.values(), ...riding.filter(([key]) => !own.has(key)).map(([, offset]) => offset)]
      const outputs = mergedOutputs(tried.map((work) => work.outputs))
      await producer.commit({ outputs, offsets, member }).catch((error: unknown) => {
        if (error instanceof UndecidedError) for (const work of tried) work.isUndecided = true
        throw error
      })
      for (const place of outputs.keys()) this.#failing.delete(place)
      for (const work of tried) this.#settle(work, true)
      return 'committed'
    } catch (error) {
      return await this.#failed(error, all.filter(isWaiting), member)
    }
  }

  /** Offsets without outputs to be sent now. First ends what an earlier attempt to send some may have left under way. */
  async #startPlain(producer: TransactionalProducer): Promise<Plain[]> {
    if (this.#underWay !== undefined) await producer.ready()
    this.#underWay?.resolve()
    this.#underWay = deferred()
    return [...this.#plain]
  }

  #endPlain(committed: readonly Plain[]): void {
    for (const [key, offset] of committed) if (this.#plain.get(key) === offset) this.#plain.delete(key)
    this.#underWay?.resolve()
    this.#underWay = undefined
    this.#changes.wake()
  }

  /** Finds out what a transaction without an answer has become: its producer has ended it, and the offsets are final. */
  async #decide(producer: TransactionalProducer, works: readonly Work[]): Promise<void> {
    const undecided = works.filter(({ isUndecided }) => isUndecided)
    if (undecided.length === 0) return
    await producer.ready()
    for (const work of undecided) if (work.isDeferred) work.isUndecided = false
    const unclear = undecided.filter(({ isUndecided }) => isUndecided)
    if (unclear.length === 0) return
    const offsets = await this.#deps.offsets.stable(unclear.map(({ offset }) => offset))
    const nowMs = performance.now()
    let pendingMs = -1
    for (const work of unclear) {
      const offset = offsets.get(work.key)?.offset
      if (offset === 'pending' || offset === undefined) {
        work.pendingSinceMs ??= nowMs
        pendingMs = Math.max(pendingMs, nowMs - work.pendingSinceMs)
        continue
      }
      work.isUndecided = false
      work.pendingSinceMs = null
      if (offset >= work.offset.offset) this.#settle(work, true)
    }
    if (pendingMs < 0) return
    // The next commit of this producer would end what hangs as committed, so that nothing else may be committed before.
    if (pendingMs > HANGING_MS) await producer.repair((transactionalId) => this.#deps.offsets.repair(transactionalId))
    throw new Error('a transaction has not ended yet')
  }

  async #failed(error: unknown, works: readonly Work[], member: MemberIdentity): Promise<Outcome> {
    const { group, log, membership, onRetry, transport } = this.#deps
    if (isRefusedMember(error)) {
      this.#refused = member
      membership.refused(member, error.errorCode)
      return 'refused'
    }
    this.#checkAllowed(error)
    const isOutput = error instanceof OutputFailedError
    for (const work of works) {
      if (isOutput && ![...work.outputs.keys()].some((place) => error.places.has(place))) continue
      work.notBefore = performance.now() + work.backoff.next()
      const { partition, topic } = work.offset
      const facts = { group, topic, partition, attempt: work.backoff.attempts, error: messageOf(error) }
      log.warn(facts, 'outputs could not be committed, they are tried again')
      onRetry(error, work.offset, work.backoff.attempts)
      if (work.isLeaving() && !work.isUndecided) this.#settle(work, false)
      else if (isOutput && this.#together.delete(work.key)) this.#apart.set(work.key, work)
    }
    if (isOutput) for (const place of error.places) this.#failing.add(place)
    this.#changes.wake()
    await transport.refresh().catch(() => undefined)
    return isOutput ? 'parted' : 'failed'
  }

  async #commitPlain(producer: TransactionalProducer, member: MemberIdentity): Promise<boolean> {
    const { clientId, group, log, membership } = this.#deps
    let state: 'new' | 'sent' | 'answered' = 'new'
    try {
      const sent = await this.#startPlain(producer)
      state = 'sent'
      const offsets = sent.map(([, offset]) => offset)
      if (offsets.length > 0) {
        const answer = await this.#group.send(OFFSET_COMMIT, offsetCommitRequest(clientId, group, member, offsets))
        state = 'answered'
        this.#group.check(parseCommit(OFFSET_COMMIT, answer), 'offsets were not committed')
      }
      this.#endPlain(sent)
      return true
    } catch (error) {
      log.debug({ group, error: messageOf(error) }, 'offsets could not be committed yet')
      this.#checkAllowed(error)
      this.#isFlushDue = true
      if (state === 'sent') this.#unanswered = member
      if (state !== 'new') this.#endPlain([])
      if (!isRefusedMember(error)) return false
      this.#refused = member
      membership.refused(member, error.errorCode)
      return true
    }
  }

  #checkAllowed(error: unknown): void {
    if (error instanceof BrokerAnswerError && NEVER_ALLOWED.includes(error.errorCode)) this.#deps.onRefused(error)
  }

  #settle(work: Work, isCommitted: boolean): void {
    for (const works of [this.#together, this.#apart]) if (works.get(work.key) === work) works.delete(work.key)
    work.done.resolve(isCommitted)
  }
}
