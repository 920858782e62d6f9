// Hunts as jobs: what commands do with them, and the worker of `eunomia process hunt`. Kafka has the plans and the rows, Redis the queue.
import { randomBytes } from 'node:crypto'
import { constants, hostname, setPriority } from 'node:os'
import type { Config } from '../infra/config/config-schema.js'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { topicNameOf } from '../infra/kafka/kafka-config.js'
import { partitionOf } from '../infra/kafka/partitions.js'
import { KafkaRangeReader } from '../infra/kafka/range-reader.js'
import { TransactionalWriter } from '../infra/kafka/transactional-writer.js'
import { EunomiaError, UsageError } from '../infra/process/errors.js'
import type { Lifecycle, Part } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { connectQueueRedis, connectRedis } from '../infra/redis/redis.js'
import { type HuntPlan, type HuntRequest, planHunt } from '../processors/forensics/hunt/hunt-plan.js'
import { loadHuntRules } from '../processors/forensics/hunt/hunt-rules.js'
import { HuntMerge, type HuntResult } from '../processors/forensics/hunt/merge-results.js'
import { type HuntProgress, HuntQueue, scheduleMistake } from '../processors/forensics/jobs/hunt-queue.js'
import { readSlices } from '../processors/forensics/jobs/hunt-rows.js'
import { HuntState, type KnownHunt } from '../processors/forensics/jobs/hunt-state.js'
import { packed, planOf, unpacked } from '../processors/forensics/jobs/packed.js'
import { type HuntAccount, HuntWorker } from '../processors/forensics/jobs/hunt-worker.js'
import type { SavedHunt } from '../processors/forensics/jobs/saved-hunt.js'
import type { FunctionDependencies } from '../processors/runtime/function-runner.js'
import type { Codec } from '../schemas/codec.js'
import type { AuditAction, Hunt, HuntStatus } from '../schemas/generated/types.js'
import { readingCodec } from './codec.js'
import { queueUrlOf, requireNoEviction } from './delivery.js'
import { openHistory } from './history.js'
import { type ApplyChanges, type ChangeAuthor, changesOf, followView, type StateContext, type WantedChange, withState } from './state.js'

/** A record of the state has at most a megabyte. */
const MOST_PACKED_BYTES = 900_000
const ID_BYTES = 6

/** A plan with more slices or rules than a record of the state holds. */
class PlanTooLargeError extends EunomiaError {
  static override readonly code = 'EUNOMIA_HUNT_FAILED'
  static override readonly isUserMistake = true
}

/** Rows that Kafka did not take: the slice is run again. */
class RowsLostError extends EunomiaError {
  static override readonly code = 'EUNOMIA_HUNT_FAILED'
  static override readonly isRetryable = true
}

/** The queue of hunts, and its connections. */
export interface OpenHuntQueue {
  readonly queue: HuntQueue
  close(): Promise<void>
}

/** Opens the queue in the Redis of the queues. */
export function openHuntQueue(config: Config, log: Logger): OpenHuntQueue {
  const connections = connectQueueRedis({ url: queueUrlOf(config) })
  const prefix = `${config.redis.keyPrefix}eunomia:hunts:{${config.redis.keyPrefix}hunts}`
  const queue = new HuntQueue(connections, prefix, log)
  return {
    queue,
    async close() {
      await queue.close()
      connections.close()
    },
  }
}

/** Starts a worker of hunts. It yields to everything else on its machine: live detection comes first. */
export async function startHuntWorker(
  { config, log }: StateContext,
  { topicLog, codec, metrics }: Pick<FunctionDependencies, 'topicLog' | 'codec' | 'metrics'>,
  lifecycle: Lifecycle,
): Promise<Part> {
  setPriority(constants.priority.PRIORITY_LOW)
  const redis = connectRedis({ url: queueUrlOf(config) }, log)
  lifecycle.onStop('Redis of the queues', async () => await redis.close())
  await requireNoEviction(redis, lifecycle.signal)
  const { queue, close } = openHuntQueue(config, log)
  lifecycle.onStop('queue of hunts', close)
  const history = openHistory(config, log)
  lifecycle.onStop('history', async () => await history.close())
  const ranges = new KafkaRangeReader(kafkaConfigOf(config.kafka), log)
  lifecycle.onStop('rows', async () => await ranges.close())
  let lost: string | null = null
  const appender = await topicLog.appender(
    () => undefined,
    (_topic, _mark, _records, reason) => (lost = reason),
  )
  lifecycle.onStop('rows of hunts', async () => await appender.close())
  let look: () => void = () => undefined
  const state = new HuntState(({ status }) => {
    if (status === 'running' || status === 'saved') look()
  })
  const view = await followView(state, { config, log }, topicLog, codec)
  const apply = changesOf(topicLog, codec)
  const by = (reason: string): ChangeAuthor => ({ author: `eunomia process hunt@${hostname()}`, reason })
  const worker = new HuntWorker({
    ...{ queue, state, history, ranges, codec, log, metrics },
    appender: {
      append: (record) => appender.append(record),
      drained: async () => await appender.drained(),
      flush: async () => {
        await appender.flush()
        const reason = lost
        lost = null
        if (reason !== null) throw new RowsLostError(`rows of a hunt were lost: ${reason}`)
      },
    },
    end: async (hunt, account) => await apply([statusChange(hunt, 'ended', 'hunt_end', packed(account))], by('its slices have ended')),
    start: async (saved, run) => {
      if (state.hunts.has(run.id)) return
      const plan = await planHunt(run.request, history)
      await apply([startChange(run.id, plan, saved.id, saved.startedBy)], by(`the schedule of ${saved.id}: ${saved.schedule ?? ''}`))
    },
    forget: async (ids) => await forgetHunts(ids, ranges, config, log),
  })
  look = () => worker.look()
  return {
    done: view.done,
    async stop(reason) {
      await worker.stop()
      await view.stop(reason)
    },
  }
}

/** Writes tombstones of hunts: the topic keeps the last record of each key for ever otherwise. */
async function forgetHunts(ids: readonly string[], ranges: KafkaRangeReader, config: Config, log: Logger): Promise<void> {
  const kafka = kafkaConfigOf(config.kafka)
  const partitions = (await ranges.bounds(['state'])).length
  const writer = await TransactionalWriter.open(kafka, 'eunomia.hunts.forget', log)
  try {
    const topic = topicNameOf(kafka, 'state')
    const keys = ids.map((id) => Buffer.from(`hunt/${id}`))
    await writer.write(keys.map((key) => ({ topic, partition: partitionOf(key, partitions), timestampMs: Date.now(), key, value: null })))
  } finally {
    await writer.close()
  }
}

/** Plans a hunt and leaves it to the workers. @param savedAs name of the saved hunt that it is a run of. @returns its id. @throws PlanTooLargeError, and what planHunt throws */
export async function startHunt(request: HuntRequest, by: ChangeAuthor, context: StateContext, savedAs: string | null): Promise<string> {
  const history = openHistory(context.config, context.log)
  try {
    const plan = await planHunt(request, history)
    const id = randomBytes(ID_BYTES).toString('hex')
    await withHunts(context, async (_, apply) => await apply([startChange(id, plan, savedAs, by.author)], by))
    return id
  } finally {
    await history.close()
  }
}

/** Keeps a hunt under a name; one of this name is replaced. @param schedule crontab(5), UTC; null for none */
export async function saveHunt(
  { name, schedule, saved }: { readonly name: string; readonly schedule: string | null; readonly saved: SavedHunt },
  by: ChangeAuthor,
  context: StateContext,
): Promise<void> {
  // Mistakes are found now, not at night.
  loadHuntRules(saved.rules)
  const mistake = schedule === null ? null : scheduleMistake(schedule)
  if (mistake !== null) throw new UsageError(`the schedule '${schedule ?? ''}' is wrong: ${mistake}`)
  await withHunts(context, async ({ saved: known }, apply) => {
    const hunt = {
      status: 'saved',
      startedUs: Date.now() * 1000,
      startedBy: by.author,
      plan: fitting(packed(saved)),
      savedAs: null,
      schedule,
      account: null,
    } as const
    const before = known.get(name)
    const after = { schedule, spanMs: saved.spanMs, rules: saved.rules.files.map((file) => file.name) }
    await apply([{ action: 'hunt_save', record: { kind: 'savedHunt', id: name, hunt }, before: before ?? null, after }], by)
  })
}

/** Reads all hunts once, and makes the changes that `change` derives from them. */
export async function withHunts<Result>(
  context: StateContext,
  change: (hunts: HuntState, apply: ApplyChanges) => Promise<Result>,
): Promise<Result> {
  return await withState(new HuntState(), context, change)
}

/** The change of a hunt's status. */
export function statusChange(hunt: KnownHunt, status: HuntStatus, action: AuditAction, account: Uint8Array | null = null): WantedChange {
  const { id, startedUs, startedBy, plan, savedAs, schedule } = hunt
  const record: Hunt = { status, startedUs, startedBy, plan, savedAs, schedule, account }
  return { action, record: { kind: 'hunt', id, hunt: record }, before: { status: hunt.status }, after: { status } }
}

/** The change that makes a saved hunt forgotten: nothing runs it any more. */
export function removeChange({ id, startedUs, startedBy, plan, savedAs }: KnownHunt): WantedChange {
  const hunt = { status: 'cancelled', startedUs, startedBy, plan, savedAs, schedule: null, account: null } as const
  return { action: 'hunt_remove', record: { kind: 'savedHunt', id, hunt }, before: { status: 'saved' }, after: {} }
}

/** How far hunts are; null for one that the queue does not know (yet). */
export async function readProgress(ids: readonly string[], { config, log }: StateContext): Promise<readonly (HuntProgress | null)[]> {
  const { queue, close } = openHuntQueue(config, log)
  try {
    return await Promise.all(ids.map(async (id) => await queue.progress(id)))
  } finally {
    await close()
  }
}

/** The rows of a hunt, in its order, as far as its slices have ended. @param onRow gets each, in wire format */
export async function readRows(
  hunt: KnownHunt,
  onRow: (alert: Uint8Array, codec: Codec) => void,
  { config, log }: StateContext,
): Promise<HuntResult> {
  const ranges = new KafkaRangeReader(kafkaConfigOf(config.kafka), log)
  const codec = readingCodec(config.schemas)
  try {
    const plan = planOf(hunt)
    const merge = new HuntMerge(plan, { ruleSet: loadHuntRules(plan.rules).ruleSet, codec, onRow: (alert) => onRow(alert, codec) })
    const failed = new Set(hunt.account === null ? [] : (unpacked(hunt.account) as HuntAccount).failedSlices)
    for (const slice of failed) merge.fail(slice, 'it failed')
    const signal = new AbortController().signal
    for await (const { slice, ...result } of readSlices(hunt.id, hunt.startedUs / 1000, { ranges, codec, signal }))
      if (!failed.has(slice)) merge.add(slice, result)
    return merge.finish()
  } finally {
    await ranges.close()
  }
}

/** The change that starts a hunt. @param savedAs name of the saved hunt that it is a run of */
export function startChange(id: string, plan: HuntPlan, savedAs: string | null, startedBy: string): WantedChange {
  const { fromMs, toMs, slices, rules } = plan
  const hunt = {
    status: 'running',
    startedUs: Date.now() * 1000,
    startedBy,
    plan: fitting(packed(plan)),
    savedAs,
    schedule: null,
    account: null,
  } as const
  const after = { fromMs, toMs, slices: slices.length, rules: rules.files.map(({ name }) => name) }
  return { action: 'hunt_start', record: { kind: 'hunt', id, hunt }, before: null, after }
}

function fitting(plan: Uint8Array): Uint8Array {
  if (plan.length <= MOST_PACKED_BYTES) return plan
  throw new PlanTooLargeError(
    `the rules and slices of the hunt have ${String(plan.length)} bytes packed, more than the ${String(MOST_PACKED_BYTES)} of a record: give fewer rules, or a shorter time`,
  )
}
