// Alerts of a batch, decoded. Anybody may write to a topic: what can't be read is told and passed over, its neighbours are shown.
import { isRetryable } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { RecordBatch } from '../../infra/topic-log/topic-log.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'
import { SchemaUnknownError } from '../../schemas/record-errors.js'
import { readSchemaId } from '../../schemas/wire-format.js'

/**
 * All alerts of the batch that can be read. Schemas that are not known yet are asked for.
 * @throws an error that passes, such as a registry that is away: the batch is then given again
 */
export async function readAlerts(batch: RecordBatch, codec: Codec, log: Logger): Promise<Alert[]> {
  const alerts: Alert[] = []
  while (batch.next()) {
    try {
      alerts.push(decode(batch, codec) ?? (await decodeLearned(batch, codec)))
    } catch (error) {
      if (isRetryable(error)) throw error
      log.warn({ partition: batch.partition, offset: batch.offset, err: error }, "a record of the alerts topic can't be read")
    }
  }
  return alerts
}

/** Null when its schema is not known yet. */
function decode({ valueBytes, valueStart, valueEnd }: RecordBatch, codec: Codec): Alert | null {
  try {
    return codec.decode('alerts', valueBytes, valueStart, valueEnd)
  } catch (error) {
    if (error instanceof SchemaUnknownError) return null
    throw error
  }
}

async function decodeLearned({ valueBytes, valueStart, valueEnd }: RecordBatch, codec: Codec): Promise<Alert> {
  await codec.learn(readSchemaId(valueBytes, valueStart, valueEnd, 'alerts'))
  return codec.decode('alerts', valueBytes, valueStart, valueEnd)
}
