// What people set (silences, states of alerts) over Kafka: the view that delivery follows, and changes of commands.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname, userInfo } from 'node:os'
import type { Config } from '../infra/config/config-schema.js'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { topicEnds } from '../infra/kafka/admin.js'
import { KafkaTopicLog } from '../infra/kafka/kafka-topic-log.js'
import { isRetryable } from '../infra/process/errors.js'
import type { Part } from '../infra/process/lifecycle.js'
import type { Logger } from '../infra/process/logger.js'
import { startCaughtUp } from '../infra/topic-log/caught-up.js'
import { decodeLearned } from '../processors/runtime/decode-learned.js'
import type { Codec } from '../schemas/codec.js'
import type { Alert, AuditAction, StateRecord } from '../schemas/generated/types.js'
import { PeopleState } from '../processors/delivery/routing/people-state.js'
import { changeState, followState } from '../processors/state/state-topic.js'
import { readingCodec, writingCodec } from './codec.js'

/** Settings and log of the command. */
interface PeopleContext {
  readonly config: Config
  readonly log: Logger
}

/** A view that follows its topic. */
export interface FollowedPeople extends Part {
  readonly state: PeopleState
}

/** The view, for a program that has a topic log. It ends with the topic log. */
export async function followPeople({ config, log }: PeopleContext, topicLog: KafkaTopicLog, codec: Codec): Promise<FollowedPeople> {
  const state = new PeopleState()
  const part = await followState(state, { topicLog, codec, log, ends: () => topicEnds(kafkaConfigOf(config.kafka), 'state', log) })
  return { ...part, state }
}

/** Longest wait for a schema registry, milliseconds. */
const REGISTRY_MS = 30_000

/** All alerts of the topic that `isWanted` selects, in the order of each partition; reads the topic once. */
export async function readAlerts(
  { config, log }: PeopleContext,
  isWanted: (alert: Alert) => boolean,
  take: (alert: Alert) => void,
): Promise<void> {
  const kafka = kafkaConfigOf(config.kafka)
  const topicLog = new KafkaTopicLog(kafka, log)
  const codec = readingCodec(config.schemas)
  try {
    await startCaughtUp(topicLog, {
      topic: 'alerts',
      group: `eunomia.alerts.${randomUUID()}`,
      ends: await topicEnds(kafka, 'alerts', log),
      handle: async (batch) => {
        while (batch.next()) {
          try {
            const alert = await decodeLearned('alerts', batch, codec)
            if (isWanted(alert)) take(alert)
          } catch (error) {
            if (isRetryable(error)) throw error
            log.warn({ partition: batch.partition, offset: batch.offset, err: error }, "a record of the alerts topic can't be read")
          }
        }
      },
    })
  } finally {
    await topicLog.close()
  }
}

const NOTHING_SET = { silence: null, alertState: null, hunt: null }

/** A change that somebody asked for. */
export interface WantedChange {
  readonly action: AuditAction
  readonly record: Pick<StateRecord, 'kind' | 'id'> & Partial<Pick<StateRecord, 'silence' | 'alertState' | 'hunt'>>
  readonly before: object | null
  readonly after: object
}

/** Who changes something, and why. */
export interface ChangeAuthor {
  readonly author: string
  readonly reason: string
}

/** Reads the view once, and makes the changes that `change` derives from it. */
export async function withPeople<Result>(
  context: PeopleContext,
  change: (state: PeopleState, apply: (changes: readonly WantedChange[], by: ChangeAuthor) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const { config, log } = context
  const topicLog = new KafkaTopicLog(kafkaConfigOf(config.kafka), log)
  try {
    const codec = await writingCodec(config.schemas, log, AbortSignal.timeout(REGISTRY_MS))
    const { state } = await followPeople(context, topicLog, codec)
    return await change(state, async (changes, { author, reason }) => {
      const changedUs = Date.now() * 1000
      const machine = { hostName: hostname(), bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
      const records = changes.map((one) => ({ ...one, ...machine, record: { ...NOTHING_SET, ...one.record, author, reason, changedUs } }))
      await changeState(records, { topicLog, codec })
    })
  } finally {
    await topicLog.close()
  }
}

/** The user of this command at this machine. */
export function defaultAuthor(): string {
  const { SUDO_USER: sudoUser } = process.env
  return `${sudoUser === undefined || sudoUser === '' ? userInfo().username : sudoUser}@${hostname()}`
}
