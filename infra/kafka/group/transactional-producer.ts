// Transactions of one transactional id: outputs and offsets become visible together, or neither. After any failure the id is taken over from
// itself, which ends what is under way, so a late request of before is refused by its epoch.
import { messageOf } from '../../process/errors.js'
import { pause } from '../../waiting/clock.js'
import { Backoff } from '../../waiting/backoff.js'
import { partitionKey } from '../partitions.js'
import { PRODUCE, parseProduceAnswer } from '../publisher/produce-request.js'
import type { KafkaTransport } from '../transport.js'
import { BrokerAnswerError, Coordinator, isBusy } from './coordinator.js'
import type { MemberIdentity } from './member-requests.js'
import { type GroupOffset, parseCommit, TXN_OFFSET_COMMIT, txnOffsetCommitRequest } from './offset-requests.js'
import { type Outputs, type PartitionOutputs, produceFrames } from './output-batches.js'
import {
  ADD_OFFSETS_TO_TXN,
  ADD_PARTITIONS_TO_TXN,
  addOffsetsRequest,
  addPartitionsRequest,
  END_TXN,
  endRequest,
  INIT_PRODUCER_ID,
  initProducerRequest,
  parseAddedPartitions,
  parseAddPartitions,
  parseInitProducer,
  parseTransactionError,
  type TransactionIdentity,
} from './transaction-requests.js'

/** How long an open transaction of a member that died may hold back the readers of its outputs and the next owner of its partitions. */
export const TRANSACTION_TIMEOUT_MS = 10_000
/** How long a leader waits for its replicas: a transaction must end before its timeout. */
const PRODUCE_TIMEOUT_MS = 4_000
/** Beyond that, the leader does not answer. */
const MARGIN_MS = 2_000
const LEADER_NOT_AVAILABLE = 5
/** UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER. */
const NO_LEADER: readonly number[] = [3, LEADER_NOT_AVAILABLE, 6]
/** UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION, TOPIC_AUTHORIZATION_FAILED: of one topic, not of the transaction. */
const OUTPUT_REFUSED: readonly number[] = [3, 17, 29]
const MOST_MOVES = 6
/** Attempts while the coordinator is busy, mostly with the end of the transaction before, for a few milliseconds. About 5 s in all. */
const MOST_BUSY = 60

/** The ids of a member's transactions: of all lanes, and of those that go on apart. With an instance id, a restart has the same ones. */
export function transactionalIdsOf(group: string, instance: string): { readonly together: string; readonly apart: string } {
  const together = `${transactionalPrefix(group)}${instance}`
  return { together, apart: `${together}/apart` }
}

/** What the transactional ids of a group begin with. Neither groups nor instances have a slash in their names. */
export function transactionalPrefix(group: string): string {
  return `${group}/`
}

/** Where it writes. */
export interface ProducerDeps {
  readonly transport: KafkaTransport
  readonly clientId: string
  readonly group: string
  readonly transactionalId: string
  /** Its outputs are for partitions that may take none: nobody else waits for their answers. */
  readonly isApart?: boolean
}

/** What one transaction holds. */
export interface TransactionContent {
  readonly outputs: Outputs
  /** May be none: then the generation of the member is not checked. */
  readonly offsets: readonly GroupOffset[]
  readonly member: MemberIdentity
}

/** Partitions did not take their outputs; nothing was committed. */
export class OutputFailedError extends Error {
  /** By `partitionKey`. */
  readonly places: ReadonlySet<string>

  constructor(failures: ReadonlyMap<string, unknown>) {
    const [[place, cause] = ['', undefined]] = [...failures]
    super(`outputs for ${place} were not taken: ${messageOf(cause)}`, { cause })
    this.name = 'OutputFailedError'
    this.places = new Set(failures.keys())
  }
}

/** The end of a transaction got no clear answer: the offsets of the group say whether it is committed. */
export class UndecidedError extends Error {}

export class TransactionalProducer {
  readonly #deps: ProducerDeps
  readonly #coordinator: Coordinator
  readonly #group: Coordinator
  #identity: TransactionIdentity | null = null
  #taking: Promise<TransactionIdentity> | null = null
  readonly #sequences = new Map<string, number>()

  constructor(deps: ProducerDeps) {
    this.#deps = deps
    this.#coordinator = new Coordinator(deps.transport, 'transaction', deps.transactionalId)
    this.#group = new Coordinator(deps.transport, 'group', deps.group)
  }

  /**
   * Commits outputs and offsets. Whatever it throws, the transaction has ended, unless its coordinator does not answer.
   * @throws OutputFailedError, UndecidedError, BrokerAnswerError, errors of the connections
   */
  async commit(content: TransactionContent): Promise<void> {
    const transaction = await this.ready()
    const { clientId } = this.#deps
    let isEnding = false
    try {
      await this.#begin(transaction, content)
      await this.#write(transaction, content)
      isEnding = true
      const ended = await this.#coordinator.send(END_TXN, endRequest(clientId, transaction, true))
      this.#coordinator.check(parseTransactionError(END_TXN, ended), 'a transaction was not ended')
    } catch (cause) {
      this.#identity = null
      await this.ready().catch(() => undefined)
      if (isEnding) throw new UndecidedError('the end of a transaction got no answer', { cause })
      throw cause
    }
  }

  /** Resolves when nothing of this id is under way. */
  async ready(): Promise<TransactionIdentity> {
    if (this.#identity !== null) return this.#identity
    this.#taking ??= this.#takeOver().finally(() => (this.#taking = null))
    return (this.#identity = await this.#taking)
  }

  /** Ends what a broker has left of its transactions. @param end takes the id over */
  async repair(end: (transactionalId: string) => Promise<void>): Promise<void> {
    this.#identity = null
    await end(this.#deps.transactionalId)
  }

  /** Requests the identity, and so ends what the id has under way. */
  async #takeOver(): Promise<TransactionIdentity> {
    const { clientId, transactionalId } = this.#deps
    const { id, epoch } = await this.#whenFree(async () => {
      const request = initProducerRequest(clientId, transactionalId, TRANSACTION_TIMEOUT_MS)
      const answer = parseInitProducer(await this.#coordinator.send(INIT_PRODUCER_ID, request))
      this.#coordinator.check(answer.errorCode, `the transactional id ${transactionalId} is not available`)
      return answer
    })
    this.#sequences.clear()
    return { transactionalId, id, epoch }
  }

  async #begin(transaction: TransactionIdentity, { outputs, offsets: committed }: TransactionContent): Promise<void> {
    const { clientId, group } = this.#deps
    const partitions = new Map<string, number[]>()
    for (const { topic, partition } of outputs.values()) partitions.set(topic, [...(partitions.get(topic) ?? []), partition])
    await this.#whenFree(async () => {
      // A broker handles the requests of a connection in order.
      const [added, offsets] = await Promise.all([
        this.#coordinator.send(ADD_PARTITIONS_TO_TXN, addPartitionsRequest(clientId, transaction, partitions)),
        committed.length === 0 ? undefined : this.#coordinator.send(ADD_OFFSETS_TO_TXN, addOffsetsRequest(clientId, transaction, group)),
      ])
      const refused = new Map<string, unknown>()
      for (const { errorCode, place } of parseAddedPartitions(added))
        if (OUTPUT_REFUSED.includes(errorCode)) refused.set(place, new BrokerAnswerError(errorCode, place))
      if (refused.size > 0) throw new OutputFailedError(refused)
      this.#coordinator.check(parseAddPartitions(added), 'a transaction was not begun')
      if (offsets !== undefined) this.#coordinator.check(parseTransactionError(ADD_OFFSETS_TO_TXN, offsets), 'a transaction was not begun')
    })
  }

  async #write(transaction: TransactionIdentity, { outputs, offsets, member }: TransactionContent): Promise<void> {
    const failures = new Map<string, unknown>()
    const [committed] = await Promise.allSettled([
      this.#commitOffsets(transaction, offsets, member),
      ...[...outputs].map(async ([place, own]) => {
        await this.#produce(transaction, own).catch((error: unknown) => failures.set(place, error))
      }),
    ])
    if (failures.size > 0) throw new OutputFailedError(failures)
    if (committed.status === 'rejected') throw committed.reason
  }

  async #commitOffsets(transaction: TransactionIdentity, offsets: readonly GroupOffset[], member: MemberIdentity): Promise<void> {
    const { clientId, group } = this.#deps
    if (offsets.length === 0) return
    await this.#whenFree(async () => {
      const request = txnOffsetCommitRequest(clientId, group, transaction, member, offsets)
      this.#group.check(parseCommit(TXN_OFFSET_COMMIT, await this.#group.send(TXN_OFFSET_COMMIT, request)), 'offsets were not committed')
    })
  }

  async #produce(transaction: TransactionIdentity, outputs: PartitionOutputs): Promise<void> {
    const { clientId } = this.#deps
    const place = partitionKey(outputs.topic, outputs.partition)
    const firstSequence = this.#sequences.get(place) ?? 0
    const { frames, sequence } = produceFrames(outputs, { clientId, transaction, firstSequence, timeoutMs: PRODUCE_TIMEOUT_MS })
    for (const frame of frames) await this.#whileLed(() => this.#produceFrame(outputs, frame))
    this.#sequences.set(place, sequence)
  }

  async #produceFrame({ topic, partition }: PartitionOutputs, frame: Buffer): Promise<void> {
    const { isApart, transport } = this.#deps
    if (transport.leaderOf(topic, partition) < 0) throw new BrokerAnswerError(LEADER_NOT_AVAILABLE, partitionKey(topic, partition))
    const connection = await transport.leaderConnection(topic, partition, isApart)
    // A leader that hangs must not outlast the transaction: the request fails with its connection.
    const timer = setTimeout(() => transport.drop(connection), PRODUCE_TIMEOUT_MS + MARGIN_MS)
    const payload = await transport
      .sendFrame(connection, PRODUCE, frame)
      .catch((error: unknown) => {
        transport.drop(connection)
        throw error
      })
      .finally(() => clearTimeout(timer))
    const { errorCode, throttleMs } = parseProduceAnswer(payload)
    transport.throttle(connection, throttleMs)
    if (errorCode !== 0) throw new BrokerAnswerError(errorCode, partitionKey(topic, partition))
  }

  /** Repeats what a broker refuses because it does not lead the partition, while its leader moves: about half a second. */
  async #whileLed(attempt: () => Promise<void>): Promise<void> {
    const backoff = new Backoff(20, 200)
    for (;;) {
      try {
        await attempt()
        return
      } catch (error) {
        const isElsewhere = error instanceof BrokerAnswerError && NO_LEADER.includes(error.errorCode)
        if (!isElsewhere || backoff.attempts >= MOST_MOVES) throw error
        await pause(backoff.next())
        await this.#deps.transport.refresh()
      }
    }
  }

  /** Repeats what a busy coordinator refuses. */
  async #whenFree<Value>(attempt: () => Promise<Value>): Promise<Value> {
    const backoff = new Backoff(1, 100)
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        if (!isBusy(error) || backoff.attempts >= MOST_BUSY) throw error
        await pause(backoff.next())
      }
    }
  }
}
