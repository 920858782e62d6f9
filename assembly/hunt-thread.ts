// A thread of hunt.ts: gets numbers of slices, answers with their results; null ends its connections.
import { parentPort, workerData } from 'node:worker_threads'
import { isRetryable, messageOf } from '../infra/process/errors.js'
import { createLog } from '../infra/process/log.js'
import { SliceRunner } from '../processors/forensics/hunt/run-slice.js'
import { readingCodec } from './codec.js'
import { openHistory } from './history.js'
import type { HuntThreadAnswer, HuntThreadData } from './hunt.js'

const { config, plan } = workerData as HuntThreadData
const history = openHistory(config, createLog({ level: config.logLevel }))
const runner = new SliceRunner(plan, { history, codec: readingCodec(config.schemas) })
// The process ends its threads.
const signal = new AbortController().signal

parentPort?.on('message', (index: number | null) => {
  if (index === null) return void history.close().finally(() => parentPort?.postMessage('closed' satisfies HuntThreadAnswer))
  void answerOf(index).then((answer) => parentPort?.postMessage(answer))
})

async function answerOf(index: number): Promise<HuntThreadAnswer> {
  const slice = plan.slices[index]
  if (slice === undefined) return { failure: `there is no slice ${String(index)}`, isRetryable: false }
  try {
    return { result: await runner.run(slice, signal) }
  } catch (error) {
    return { failure: messageOf(error), isRetryable: isRetryable(error) }
  }
}
