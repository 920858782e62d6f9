// The contract of what a batch handler returns, checked by every topic log before it commits anything.
import type { BatchResult, ConsumeOptions, OutputRecord, RecordBatch } from './topic-log.js'

/**
 * Checks a result. A handler may finish nothing (`nextOffset` is the batch's first offset), as when it is stopped while it waits: nothing is
 * committed, and the log offers the batch again after `restMs`, or without it after a pause that grows. It may not have outputs then, which would be appended each time.
 * @throws RangeError for an offset outside of the batch, and for outputs of no record; TypeError for an output to an undeclared topic
 */
export function checkBatchResult(
  { nextOffset, outputs }: BatchResult,
  { firstOffset, lastOffset }: Pick<RecordBatch, 'firstOffset' | 'lastOffset'>,
  options: Pick<ConsumeOptions, 'group' | 'outputs'>,
): void {
  if (!Number.isSafeInteger(nextOffset) || nextOffset < firstOffset || nextOffset > lastOffset + 1) {
    throw new RangeError(`nextOffset ${String(nextOffset)} is outside of the batch ${String(firstOffset)}..${String(lastOffset)}`)
  }
  refuseUndeclaredOutput(options, outputs)
  if (nextOffset === firstOffset && outputs.length > 0) throw new RangeError('the handler has outputs but finished no record')
}

/** A group's outputs go to the topics that it declared: access rights and the recovery of transactions depend on it. */
function refuseUndeclaredOutput(
  { group, outputs: declared }: Pick<ConsumeOptions, 'group' | 'outputs'>,
  outputs: readonly OutputRecord[],
): void {
  const stray = outputs.find(({ topic }) => declared?.includes(topic) === false)
  if (stray !== undefined) throw new TypeError(`the group ${group} has no outputs for the topic ${stray.topic}`)
}
