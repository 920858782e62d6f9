// Runs a function over a topic log: a Kafka consumer group, the log of one process, or any other. Owns what functions need
// not care about: decoding, order, retries, bisecting, dead letters, the next offset, and a clean stop.
import type { Part } from '../../infra/process/lifecycle.js'
import { SYSTEM_CLOCK } from '../../infra/waiting/clock.js'
import type { FunctionDefinition } from '../function.js'
import { type FunctionConfig, type FunctionDependencies, FunctionRunner } from './function-runner.js'

/** The consumer group of a function, unless its settings name another one. */
export function groupOf(functionName: string): string {
  return `eunomia.${functionName}`
}

/** Starts a function. It runs until it is stopped; then it finishes the batches under way and commits them. */
export async function startFunction(
  definition: FunctionDefinition,
  deps: FunctionDependencies,
  config: FunctionConfig = {},
): Promise<Part> {
  const { topicLog, log } = deps
  const runner = new FunctionRunner(definition, { ...deps, clock: deps.clock ?? SYSTEM_CLOCK }, config)
  const consumer = await topicLog.consume({
    group: config.group ?? groupOf(definition.name),
    topics: definition.inputs,
    outputs: [...definition.outputs, 'deadletter'],
    from: config.from ?? 'earliest',
    ...(config.maxBatchBytes === undefined ? {} : { maxBatchBytes: config.maxBatchBytes }),
    handler: (batch, signal, assigned) => runner.handle(batch, signal, assigned),
    ...(runner.deferred === undefined ? {} : { deferred: runner.deferred }),
    onRetry: (error, topic, partition, attempt) => runner.redelivered(error, topic, partition, attempt),
    onDamaged: (damaged) => runner.damaged(damaged),
    onLag: (topic, partition, records, seconds) => runner.lags(topic, partition, records, seconds),
    onOwnerWait: (_topic, _partition, seconds) => runner.ownerWaited(seconds),
    onLate: (seconds) => runner.late(seconds),
    onMissed: (topic, _, missed) => runner.missed(topic, missed),
  })
  let stopped: Promise<void> | undefined
  return {
    done: consumer.done,
    stop(reason) {
      log.info({ function: definition.name, reason }, 'function stops')
      stopped ??= runner.drain(consumer.stop(reason))
      return stopped
    },
  }
}
