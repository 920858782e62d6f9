// Where a group stands in its partitions, final only: an offset that an open transaction may still change is waited for, at most as long as
// that transaction may take. One request asks for all partitions that are wanted at the same time.
import { Backoff } from '../../waiting/backoff.js'
import { LIST_OFFSETS, listOffsetsRequest, parseListedOffsets } from '../fetch/list-offsets.js'
import { partitionKey } from '../partitions.js'
import { BrokerAnswerError, Coordinator } from './coordinator.js'
import { abortHanging, abortOne, type HangingDeps } from './hanging-transactions.js'
import { type FetchedOffset, type GroupOffset, OFFSET_FETCH, offsetFetchRequest, parseOffsetFetch } from './offset-requests.js'

/** What it stands on. */
export interface GroupOffsetsDeps extends HangingDeps {
  readonly from: 'earliest' | 'latest'
  /** How long a start waited for transactions of the former owner, milliseconds. */
  readonly onWaited?: (place: Place, ms: number) => void
}

type Place = Pick<GroupOffset, 'topic' | 'partition'>

/** Where a group starts in a partition. */
export interface GroupStart {
  readonly offset: number
  readonly metadata: string
  readonly isCommitted: boolean
}

/** Pending for longer than this: a transaction may hang. Milliseconds. */
export const HANGING_MS = 1_000

export class GroupOffsets {
  readonly #deps: GroupOffsetsDeps
  readonly #group: Coordinator
  #asked: { readonly places: Place[]; readonly answer: Promise<ReadonlyMap<string, FetchedOffset>> } | undefined
  #repair: Promise<void> | undefined

  constructor(deps: GroupOffsetsDeps) {
    this.#deps = deps
    this.#group = new Coordinator(deps.transport, 'group', deps.group)
  }

  /** Offsets by `partitionKey`; -1 for none. */
  async stable(places: readonly Place[]): Promise<ReadonlyMap<string, FetchedOffset>> {
    if (this.#asked === undefined) {
      const all: Place[] = []
      // Collects what is wanted in this turn of the event loop.
      const answer = new Promise((resolve) => setImmediate(resolve)).then(async () => {
        this.#asked = undefined
        return await this.#fetch(all)
      })
      this.#asked = { places: all, answer }
    }
    const { places: all, answer } = this.#asked
    all.push(...places)
    return await answer
  }

  /**
   * Where a new owner starts. Waits for open transactions of the former one.
   * @returns the offset with its metadata, and whether the group has it already
   * @throws the reason of the signal; errors of connections and brokers
   */
  async start(place: Place, signal: AbortSignal): Promise<GroupStart> {
    const { group, log, onWaited } = this.#deps
    const backoff = new Backoff(10, 500)
    const sinceMs = performance.now()
    for (;;) {
      const { offset = -1, metadata = '' } = (await this.stable([place])).get(partitionKey(place.topic, place.partition)) ?? {}
      const waitedMs = performance.now() - sinceMs
      if (offset !== 'pending') {
        onWaited?.(place, backoff.attempts > 0 ? waitedMs : 0)
        if (backoff.attempts > 0)
          log.info(
            { group, topic: place.topic, partition: place.partition, waitedMs: Math.round(waitedMs) },
            'waited for a transaction of the former owner',
          )
        if (offset >= 0) return { offset, metadata, isCommitted: true }
        return { offset: await this.#edge(place), metadata: '', isCommitted: false }
      }
      if (waitedMs > HANGING_MS) {
        this.#repair ??= abortHanging(this.#deps).finally(() => (this.#repair = undefined))
        await this.#repair
      }
      await backoff.wait(signal)
      signal.throwIfAborted()
    }
  }

  /** Ends what the broker has left of the transactions of one id, which has none under way. */
  async repair(transactionalId: string): Promise<void> {
    await abortOne(this.#deps, transactionalId)
  }

  async #fetch(places: readonly Place[]): Promise<ReadonlyMap<string, FetchedOffset>> {
    const { clientId, group } = this.#deps
    const partitions = new Map<string, number[]>()
    for (const { topic, partition } of places) partitions.set(topic, [...(partitions.get(topic) ?? []), partition])
    const answer = parseOffsetFetch(await this.#group.send(OFFSET_FETCH, offsetFetchRequest(clientId, group, partitions)))
    this.#group.check(answer.errorCode, `the offsets of ${group} can't be read`)
    for (const { errorCode, topic } of answer.offsets) this.#group.check(errorCode, `the offsets of ${group} in ${topic} can't be read`)
    return new Map(answer.offsets.map((each) => [partitionKey(each.topic, each.partition), each]))
  }

  /** The end or the start of a partition, for a group without an offset. */
  async #edge({ topic, partition }: Place): Promise<number> {
    const { clientId, from, transport } = this.#deps
    const connection = await transport.leaderConnection(topic, partition)
    const request = listOffsetsRequest(clientId, [{ topic, partition }], from === 'latest' ? 'end' : 'start')
    try {
      const [listed] = parseListedOffsets(await transport.sendFrame(connection, LIST_OFFSETS, request))
      if (listed?.errorCode !== 0) throw new BrokerAnswerError(listed?.errorCode ?? -1, `the offsets of ${topic} can't be read`)
      return listed.offset
    } catch (error) {
      if (!(error instanceof BrokerAnswerError)) transport.drop(connection)
      throw error
    }
  }
}
