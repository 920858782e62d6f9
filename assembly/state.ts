// The topic of the state over Kafka: views that programs follow, and changes of commands.
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Config } from '../infra/config/config-schema.js'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { topicEnds } from '../infra/kafka/admin.js'
import { KafkaTopicLog } from '../infra/kafka/kafka-topic-log.js'
import type { Part } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import type { TopicLog } from '../infra/topic-log/topic-log.js'
import type { Codec } from '../schemas/codec.js'
import type { AuditAction, StateRecord } from '../schemas/generated/types.js'
import { changeState, followState, type StateView } from '../processors/state/state-topic.js'
import { writingCodec } from './codec.js'

/** Settings and log of the program. */
export interface StateContext {
  readonly config: Config
  readonly log: Logger
}

/** Longest wait for a schema registry, milliseconds. */
const REGISTRY_MS = 30_000

const NOTHING_SET = { silence: null, alertState: null, hunt: null, archiveHold: null }

/** A change that somebody asked for. */
export interface WantedChange {
  readonly action: AuditAction
  readonly record: Pick<StateRecord, 'kind' | 'id'> & Partial<Pick<StateRecord, 'silence' | 'alertState' | 'hunt' | 'archiveHold'>>
  readonly before: object | null
  readonly after: object
}

/** Who changes something, and why. */
export interface ChangeAuthor {
  readonly author: string
  readonly reason: string
}

/** Makes changes. Resolves when all are acknowledged. */
export type ApplyChanges = (changes: readonly WantedChange[], by: ChangeAuthor) => Promise<void>

/** Keeps a view up to date, for a program that has a topic log. It ends with the topic log. */
export async function followView(state: StateView, { config, log }: StateContext, topicLog: TopicLog, codec: Codec): Promise<Part> {
  return await followState(state, { topicLog, codec, log, ends: () => topicEnds(kafkaConfigOf(config.kafka), 'state', log) })
}

/** Makes changes as this program at this machine. */
export function changesOf(topicLog: TopicLog, codec: Codec): ApplyChanges {
  return async (changes, { author, reason }) => {
    const changedUs = Date.now() * 1000
    const machine = { hostName: hostname(), bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
    const records = changes.map((one) => ({ ...one, ...machine, record: { ...NOTHING_SET, ...one.record, author, reason, changedUs } }))
    await changeState(records, { topicLog, codec })
  }
}

/** Reads a view once, and makes the changes that `change` derives from it. */
export async function withState<View extends StateView, Result>(
  state: View,
  context: StateContext,
  change: (state: View, apply: ApplyChanges) => Promise<Result>,
): Promise<Result> {
  const { config, log } = context
  const topicLog = new KafkaTopicLog(kafkaConfigOf(config.kafka), log)
  try {
    const codec = await writingCodec(config.schemas, log, AbortSignal.timeout(REGISTRY_MS))
    await followView(state, context, topicLog, codec)
    return await change(state, changesOf(topicLog, codec))
  } finally {
    await topicLog.close()
  }
}
