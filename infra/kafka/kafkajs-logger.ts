// kafkajs' own log lines as debug lines of ours: what matters in them is thrown too, and is said once where it is handled.
import { logLevel, type logCreator } from 'kafkajs'
import type { Logger } from '../logger.js'

/** Level that is asked of kafkajs: its warnings and errors. */
export const KAFKAJS_LOG_LEVEL = logLevel.WARN

/** Makes kafkajs write into our log. */
export function kafkajsLogCreator(log: Logger): logCreator {
  return () =>
    ({ namespace, log: entry }) => {
      const { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...facts } = entry
      log.debug({ ...facts, from: `kafkajs ${namespace}`, said: message }, 'the Kafka client says')
    }
}
