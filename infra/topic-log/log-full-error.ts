// The one error of an appender whose caller does not wait: thrown by every implementation of TopicAppender (topic-log.ts).
import { EunomiaError } from '../process/errors.js'

/** The appender holds twice its bound. Not taken: await `drained()`, then append again. */
export class LogFullError extends EunomiaError {
  static override readonly code = 'EUNOMIA_LOG_FULL'
  static override readonly isRetryable = true
}
