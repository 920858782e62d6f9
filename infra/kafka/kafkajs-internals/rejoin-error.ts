// What kafkajs throws when a coordinator puts its group together anew, and joins again for.
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js'

const REBALANCE_IN_PROGRESS = 27

/** Makes kafkajs join again when its eachBatch throws it. */
export function rejoinError(): Error {
  return createErrorFromCode(REBALANCE_IN_PROGRESS)
}
