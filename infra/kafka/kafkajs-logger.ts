// kafkajs' own log lines as debug lines of ours: what matters in them is thrown too, and is said once where it is handled. One exception: that
// records were removed before a group had read them is told by a log line only.
import kafkajs, { type logCreator } from 'kafkajs'
import type { Logger } from '../logger.js'

/** Level that is asked of kafkajs: its warnings and errors. */
export const KAFKAJS_LOG_LEVEL = kafkajs.logLevel.WARN

/** Makes kafkajs write into our log. */
export function kafkajsLogCreator(log: Logger): logCreator {
  return () =>
    ({ namespace, log: entry }) => {
      const { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...facts } = entry
      const level = message.startsWith('Offset out of range') ? 'error' : 'debug'
      log[level]({ ...facts, from: `kafkajs ${namespace}`, said: message }, 'the Kafka client says')
    }
}
