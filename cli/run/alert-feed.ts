// Reads alerts, and dead letters, from the memory log of `run` and hands them on, decoded.
import type { Logger } from '../../infra/process/logger.js'
import type { RecordBatch, TopicConsumer, TopicLog } from '../../infra/topic-log/topic-log.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'

/** Follows alerts from the oldest on; each dead letter is a warning in the log. */
export async function startAlertFeed(
  topicLog: TopicLog,
  codec: Codec,
  log: Logger,
  onAlert: (alert: Alert) => void,
): Promise<TopicConsumer> {
  const take = (batch: RecordBatch): void => {
    if (batch.topic === 'alerts') onAlert(codec.decode('alerts', batch.valueBytes, batch.valueStart, batch.valueEnd))
    else
      log.warn(
        { ...codec.decode('deadletter', batch.valueBytes, batch.valueStart, batch.valueEnd), value: undefined },
        'record became a dead letter',
      )
  }
  return await topicLog.consume({
    group: 'eunomia.run.view',
    topics: ['alerts', 'deadletter'],
    from: 'earliest',
    handler: (batch) => {
      while (batch.next()) take(batch)
      return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
    },
  })
}
