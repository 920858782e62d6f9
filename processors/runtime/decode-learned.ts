// Decodes the current record of a batch for readers that are not functions; learns an unknown schema from the registry.
import type { RecordBatch } from '../../infra/topic-log/topic-log.js'
import type { Codec } from '../../schemas/codec.js'
import { SchemaUnknownError } from '../../schemas/record-errors.js'
import type { TopicRecords } from '../../schemas/topics.js'
import { readSchemaId } from '../../schemas/wire-format.js'

/** @throws RecordUnreadableError, SchemaUnknownError, and a retryable error while the registry is unavailable */
export async function decodeLearned<Topic extends keyof TopicRecords>(
  topic: Topic,
  { valueBytes, valueStart, valueEnd }: Pick<RecordBatch, 'valueBytes' | 'valueStart' | 'valueEnd'>,
  codec: Codec,
): Promise<TopicRecords[Topic]> {
  try {
    return codec.decode(topic, valueBytes, valueStart, valueEnd)
  } catch (error) {
    if (!(error instanceof SchemaUnknownError)) throw error
    await codec.learn(readSchemaId(valueBytes, valueStart, valueEnd, topic))
    return codec.decode(topic, valueBytes, valueStart, valueEnd)
  }
}
