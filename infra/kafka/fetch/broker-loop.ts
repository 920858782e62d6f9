// Fetches from one broker: one request at a time, for all partitions that it leads and that want to be fetched. An error of one partition is
// its own; a broker that does not answer is an outage of its partitions.
import { pause } from '../../waiting/clock.js'
import { orAborted } from '../../waiting/signals.js'
import { Waiters } from '../../waiting/waiters.js'
import { OutageLog } from '../../process/outage-log.js'
import { partitionKey } from '../partitions.js'
import type { FrameApi, TransportConnection } from '../transport.js'
import type { FetchContext } from './fetch-context.js'
import { FETCH, fetchRequest, parseFetchAnswer } from './fetch-request.js'
import type { FetchedPartition } from './fetched-partition.js'
import { LIST_OFFSETS, type LogPoint, listOffsetsRequest, parseListedOffsets } from './list-offsets.js'

/** Wait of a request while other partitions of the broker have records that are not taken: they may want to be fetched at any moment. */
const SHORT_WAIT_MS = 25

const FAILED_WAIT_MS = 500
/** Longest silence of a broker beyond the time that it may wait: the other end of the connection may be gone. A large answer may take longer. */
const SILENCE_MS = 5_000
/** Shortest time of a request without records, whatever a broker does. */
const EMPTY_MS = 10

/** The loop of one broker. */
export class BrokerLoop {
  readonly done: Promise<void>
  readonly #nodeId: number
  readonly #context: FetchContext
  readonly #partitions: () => readonly FetchedPartition[]
  readonly #wanted = new Waiters()
  readonly #outage: OutageLog

  /** @param partitions those that the broker leads now, in order of precedence */
  constructor(nodeId: number, context: FetchContext, partitions: () => readonly FetchedPartition[]) {
    this.#nodeId = nodeId
    this.#context = context
    this.#partitions = partitions
    this.#outage = new OutageLog(context.log, { node: nodeId }, 'a broker does not answer fetches', 'a broker answers fetches again')
    this.done = this.#run()
  }

  wake(): void {
    this.#wanted.wake()
  }

  async #run(): Promise<void> {
    const { signal } = this.#context
    while (!signal.aborted) {
      const partitions = this.#partitions()
      const lost = partitions.filter(({ isLost }) => isLost)
      const stale = partitions.filter(({ isLagStale }) => isLagStale)
      const wanted = partitions.filter(({ isWanted }) => isWanted)
      if (lost.length > 0) await this.#attempt(lost, (connection) => this.#resolve(connection, lost))
      if (stale.length > 0) await this.#attempt([], (connection) => this.#listEnds(connection, stale))
      if (wanted.length > 0) await this.#fetch(wanted, wanted.length === partitions.length)
      if (lost.length + stale.length + wanted.length === 0) await orAborted(this.#wanted.next(), signal)
      // Those who wait for records take them first, so that their partitions are in the next request.
      else await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async #fetch(wanted: readonly FetchedPartition[], isWhole: boolean): Promise<void> {
    const { held, counters, clientId, waitMs, maxPartitionBytes, mostFrames, transport } = this.#context
    const places = [...wanted.filter(({ mustBeFirst }) => mustBeFirst), ...wanted.filter(({ mustBeFirst }) => !mustBeFirst)]
    const asked = new Map(places.map((place) => [partitionKey(place.topic, place.partition), { place, epoch: place.ask() }]))
    const room = held.takeRequest(mostFrames())
    const startedMs = performance.now()
    let isEmpty = true
    let isAnswered = false
    await this.#attempt(places, async (connection) => {
      const limits = { waitMs: isWhole ? waitMs : SHORT_WAIT_MS, maxBytes: room, maxPartitionBytes: Math.min(maxPartitionBytes, room) }
      const payload = await this.#send(connection, FETCH, fetchRequest(clientId, places, limits), limits.waitMs + SILENCE_MS)
      isAnswered = true
      const frame = held.lease(room, payload.length, () => transport.recycle(payload))
      counters.fetches++
      try {
        const { throttleMs, errorCode, partitions } = parseFetchAnswer(payload)
        if (throttleMs > 0) transport.throttle(connection, throttleMs)
        if (errorCode !== 0) throw new Error(`the broker refuses a fetch with error code ${String(errorCode)}`)
        for (const answer of partitions) {
          const key = partitionKey(answer.topic, answer.partition)
          const answered = asked.get(key)
          if (answered === undefined) throw new RangeError(`the answer has a partition ${key} that was not asked for`)
          asked.delete(key)
          if (answer.recordSet.length > 0) isEmpty = false
          answered.place.answered(answered.epoch, answer, frame, answered.place === places[0])
        }
        for (const { place, epoch } of asked.values()) place.failed(epoch, 'it is missing in the answer')
      } finally {
        frame.release()
      }
    })
    if (!isAnswered) held.giveFrame(room)
    const restMs = EMPTY_MS - (performance.now() - startedMs)
    if (isEmpty && restMs > 0) await pause(restMs, this.#context.signal)
  }

  /** Where the logs start and end whose offsets are out of range. */
  async #resolve(connection: TransportConnection, lost: readonly FetchedPartition[]): Promise<void> {
    const epochs = lost.map((partition) => partition.epoch)
    const starts = await this.#list(connection, lost, 'start')
    const ends = await this.#list(connection, lost, 'committedEnd')
    lost.forEach((partition, index) => {
      const key = partitionKey(partition.topic, partition.partition)
      const [start, end] = [starts.get(key), ends.get(key)]
      const epoch = epochs[index] ?? -1
      if (start === undefined || end === undefined) partition.failed(epoch, 'its offsets are not known')
      else partition.resolve(epoch, start, end)
    })
  }

  async #listEnds(connection: TransportConnection, stale: readonly FetchedPartition[]): Promise<void> {
    const ends = await this.#list(connection, stale, 'end')
    for (const partition of stale) partition.listed(ends.get(partitionKey(partition.topic, partition.partition)))
  }

  async #list(connection: TransportConnection, places: readonly FetchedPartition[], point: LogPoint): Promise<Map<string, number>> {
    const payload = await this.#send(connection, LIST_OFFSETS, listOffsetsRequest(this.#context.clientId, places, point))
    const known = parseListedOffsets(payload).filter(({ errorCode, offset }) => errorCode === 0 && offset >= 0)
    return new Map(known.map(({ topic, partition, offset }) => [partitionKey(topic, partition), offset]))
  }

  async #send(connection: TransportConnection, api: FrameApi, frame: Buffer, silenceMs = SILENCE_MS): Promise<Buffer> {
    return await this.#context.transport.sendFrame(connection, api, frame, undefined, silenceMs)
  }

  /** Talks to the broker. If that fails, the connection ends, and these partitions fail unless they were answered. */
  async #attempt(partitions: readonly FetchedPartition[], talk: (connection: TransportConnection) => Promise<void>): Promise<void> {
    const { transport, signal } = this.#context
    const epochs = partitions.map(({ epoch }) => epoch)
    let connection: TransportConnection | undefined
    try {
      connection = await transport.fetchConnection(this.#nodeId)
      await talk(connection)
      this.#outage.succeeded()
    } catch (error) {
      if (connection !== undefined) transport.drop(connection)
      if (!signal.aborted) this.#outage.failed(error)
      partitions.forEach((partition, index) => {
        if (partition.isUnanswered) partition.failed(epochs[index] ?? -1, error)
      })
      // Without a failed partition nothing else would pause.
      if (partitions.length === 0) await pause(FAILED_WAIT_MS, signal)
    }
  }
}
