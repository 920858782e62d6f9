// kafkajs' own log lines as debug lines of ours: what matters in them is thrown too, and is said once where it is handled. One exception: that
// records were removed before a group had read them is told by a log line only.
import kafkajs, { type logCreator } from 'kafkajs'
import type { Logger } from '../process/logger.js'
import { OFFSET_RESET } from './kafkajs-internals/mends.js'

/** Level that is asked of kafkajs: its warnings and errors. */
export const KAFKAJS_LOG_LEVEL = kafkajs.logLevel.WARN

/** Told that a group goes on at `to` though it stood at `from`: what lies between was removed before it was read. */
export type OffsetResetListener = (topic: string, partition: number, from: number, to: number) => void

/** Makes kafkajs write into our log. */
export function kafkajsLogCreator(log: Logger, onOffsetReset?: OffsetResetListener): logCreator {
  return () =>
    ({ namespace, log: entry }) => {
      const { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...facts } = entry
      if (message === OFFSET_RESET) {
        onOffsetReset?.(String(facts['topic']), Number(facts['partition']), Number(facts['from']), Number(facts['to']))
        return
      }
      log.debug({ ...facts, from: `kafkajs ${namespace}`, said: message }, 'the Kafka client says')
    }
}
