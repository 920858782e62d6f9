// eunomia.state.v1: what people set. The topic is the source of truth; a view of it is read from the first record at each start. Changes are appended with
// their record for the audit topic.
import { randomUUID } from 'node:crypto'
import { uptime } from 'node:os'
import { isRetryable, messageOf } from '../../infra/process/errors.js'
import type { Part } from '../../infra/process/lifecycle.js'
import type { Logger } from '../../infra/process/logger.js'
import { pause } from '../../infra/waiting/clock.js'
import { type PartitionEnds, startCaughtUp } from '../../infra/topic-log/caught-up.js'
import type { RecordBatch, TopicLog } from '../../infra/topic-log/topic-log.js'
import type { Codec } from '../../schemas/codec.js'
import type { AuditAction, StateRecord } from '../../schemas/generated/types.js'
import { decodeLearned } from '../runtime/decode-learned.js'

/** A view of the topic, in memory. */
export interface StateView {
  /** Records that could not be used. */
  invalid: number
  /** @returns what is wrong with a record that has no effect; null for any other */
  apply(record: StateRecord, nowUs: number): string | null
  /** @param key of a record without a value, kind/id */
  remove(key: string): void
}

/** What reading the topic needs. */
export interface StateDeps {
  readonly topicLog: TopicLog
  readonly codec: Codec
  readonly log: Logger
  /** Where the topic ends. @throws while the cluster is unavailable */
  ends(): Promise<PartitionEnds>
}

/** Starts to keep a view up to date. Resolves when everything that was in the topic is in it. */
export async function followState(state: StateView, { topicLog, codec, log, ends }: StateDeps): Promise<Part> {
  const consumer = await startCaughtUp(topicLog, {
    topic: 'state',
    group: `eunomia.state.${randomUUID()}`,
    ends: await answered(ends),
    handle: async (batch) => await applyBatch(state, batch, codec, log),
  })
  return { done: consumer.done, stop: async (reason) => await consumer.stop(reason) }
}

/** For so long a leader may be missing, as after a topic was created, milliseconds. */
const LEADER_MS = 10_000
const RETRY_MS = 250

async function answered(ends: () => Promise<PartitionEnds>): Promise<PartitionEnds> {
  const startedMs = performance.now()
  for (;;) {
    try {
      return await ends()
    } catch (error) {
      if (!isRetryable(error) || performance.now() - startedMs > LEADER_MS) throw error
      await pause(RETRY_MS)
    }
  }
}

async function applyBatch(state: StateView, batch: RecordBatch, codec: Codec, log: Logger): Promise<void> {
  while (batch.next()) {
    if (batch.valueStart < 0) {
      state.remove(Buffer.from(batch.keyBytes.subarray(Math.max(0, batch.keyStart), Math.max(0, batch.keyEnd))).toString())
      continue
    }
    const where = { partition: batch.partition, offset: batch.offset }
    try {
      const mistake = state.apply(await decodeLearned('state', batch, codec), Date.now() * 1000)
      if (mistake !== null) log.warn({ ...where, reason: mistake }, 'a record of the state has no effect')
    } catch (error) {
      if (isRetryable(error)) throw error
      state.invalid++
      log.warn({ ...where, err: error }, "a record of the state can't be read")
    }
  }
}

/** A change, and who makes it. */
export interface StateChange {
  readonly action: AuditAction
  readonly record: StateRecord
  /** What it was before; null for nothing. */
  readonly before: object | null
  readonly after: object
  /** Name of the machine on which the command runs. */
  readonly hostName: string
  /** Of this boot of it. */
  readonly bootId: string
}

/** The host of records that no collector made. */
const NO_HOST = '00000000-0000-0000-0000-000000000000'

/** Appends changes, first to the audit topic: no change is without its record there. Resolves when all are acknowledged. */
export async function changeState(
  changes: readonly StateChange[],
  { topicLog, codec }: Pick<StateDeps, 'topicLog' | 'codec'>,
): Promise<void> {
  let lost: string | null = null
  const appender = await topicLog.appender(
    () => undefined,
    (_topic, _mark, _records, reason) => (lost = messageOf(reason)),
  )
  const nowMs = Date.now()
  const epoch = nowMs * 1000
  const append = async (topic: 'audit' | 'state', records: readonly (readonly [key: string, value: Uint8Array])[]): Promise<void> => {
    for (const [index, [key, value]] of records.entries())
      appender.append({ topic, key: Buffer.from(key), value, valueStart: 0, valueEnd: value.length, timestampMs: nowMs, mark: index + 1 })
    await appender.flush()
    if (lost !== null) throw new Error(lost)
  }
  try {
    const audits = changes.map(({ action, record, before, after, hostName, bootId }, index) => {
      const bootTimeUs = Math.round(uptime() * 1e6)
      const origin = { hostId: NO_HOST, hostName, bootId, epoch, cpu: -1, seq: index + 1, bootTimeUs, wallTimeUs: epoch }
      const { author: actor, reason, id: target } = record
      return codec.encode('audit', { action, target, actor, before: JSON.stringify(before), after: JSON.stringify(after), reason, origin })
    })
    await append(
      'audit',
      audits.map((value) => [NO_HOST, value]),
    )
    await append(
      'state',
      changes.map(({ record }) => [`${record.kind}/${record.id}`, codec.encode('state', record)]),
    )
  } finally {
    await appender.close()
  }
}
