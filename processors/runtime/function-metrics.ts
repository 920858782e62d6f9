// The counters of one function, per topic that it reads.
import type { Counter, Gauge, Histogram, Metrics } from '../../infra/process/metrics.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

/** Counters of a function for one of its topics. */
export interface TopicMetrics {
  /** Records finished, dead ones included. */
  readonly records: Counter
  /** Records that went to the dead letters. */
  readonly deadLetters: Counter
  /** Tries again after a retryable error. */
  readonly retries: Counter
  /** Calls of the function that threw. */
  readonly failures: Counter
  /** Batches that the log gave again, because what they gave could not be committed. */
  readonly redeliveries: Counter
  /** Records that were removed from the log before they were read. */
  readonly missed: Counter
  /** Age of the oldest record of the batch that was begun last: how far the function is behind. */
  readonly behindSeconds: Gauge
  /** From the call of the function to its outputs, waits included. */
  readonly batchSeconds: Histogram
}

/** Makes the counters of a function. */
export function functionMetrics(metrics: Metrics, functionName: string): (topic: TopicKey) => TopicMetrics {
  const labels = ['function', 'topic'] as const
  const records = metrics.counter('eunomia_function_records_total', 'Records that a function finished', ...labels)
  const deadLetters = metrics.counter('eunomia_function_dead_letters_total', 'Records that a function could not process', ...labels)
  const retries = metrics.counter('eunomia_function_retries_total', 'Tries again after an error that passes', ...labels)
  const failures = metrics.counter('eunomia_function_failures_total', 'Calls of a function that threw', ...labels)
  const redeliveries = metrics.counter('eunomia_function_redeliveries_total', 'Batches given again by the topic log', ...labels)
  const missed = metrics.counter('eunomia_function_missed_records_total', 'Records removed before the function read them', ...labels)
  const behindSeconds = metrics.gauge('eunomia_function_behind_seconds', 'Age of the oldest record of the batch begun last', ...labels)
  const batchSeconds = metrics.histogram('eunomia_function_batch_seconds', 'Time to handle one batch', SECONDS, ...labels)
  return (topic) => ({
    records: records.with(functionName, topic),
    deadLetters: deadLetters.with(functionName, topic),
    retries: retries.with(functionName, topic),
    failures: failures.with(functionName, topic),
    redeliveries: redeliveries.with(functionName, topic),
    missed: missed.with(functionName, topic),
    behindSeconds: behindSeconds.with(functionName, topic),
    batchSeconds: batchSeconds.with(functionName, topic),
  })
}
