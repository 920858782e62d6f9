// What people set (silences, states of alerts) over Kafka: the view that delivery follows, and changes of commands.
import { randomUUID } from 'node:crypto'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { topicEnds } from '../infra/kafka/admin.js'
import { KafkaTopicLog } from '../infra/kafka/kafka-topic-log.js'
import { isRetryable } from '../infra/process/errors.js'
import type { Part } from '../infra/process/lifecycle.js'
import { startCaughtUp } from '../infra/topic-log/caught-up.js'
import { PeopleState } from '../processors/delivery/routing/people-state.js'
import { decodeLearned } from '../processors/runtime/decode-learned.js'
import type { Codec } from '../schemas/codec.js'
import type { Alert } from '../schemas/generated/types.js'
import { readingCodec } from './codec.js'
import { type ApplyChanges, followView, type StateContext, withState } from './state.js'

/** A view that follows its topic. */
export interface FollowedPeople extends Part {
  readonly state: PeopleState
}

/** The view, for a program that has a topic log. It ends with the topic log. */
export async function followPeople(context: StateContext, topicLog: KafkaTopicLog, codec: Codec): Promise<FollowedPeople> {
  const state = new PeopleState()
  return { ...(await followView(state, context, topicLog, codec)), state }
}

/** All alerts of the topic that `isWanted` selects, in the order of each partition; reads the topic once. */
export async function readAlerts(
  { config, log }: StateContext,
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

/** Reads the view once, and makes the changes that `change` derives from it. */
export async function withPeople<Result>(
  context: StateContext,
  change: (state: PeopleState, apply: ApplyChanges) => Promise<Result>,
): Promise<Result> {
  return await withState(new PeopleState(), context, change)
}
