// One alert for one sink, sent directly: without Kafka, Redis, routes and retries.
import { messageOf } from '../infra/process/errors.js'
import { timedSignal } from '../infra/waiting/signals.js'
import { markedAlert } from '../processors/delivery/marked-alert.js'
import type { AlertSink, GroupMessage, MessageSink, Outcome, TopicAlert } from '../processors/delivery/sink.js'
import { Codec } from '../schemas/codec.js'
import { deliverySettings, type DeliveryContext, sinkNamed } from './delivery.js'

/** What became of the test. */
export interface TestResult {
  readonly alertId: string
  readonly outcome: Outcome
  readonly ms: number
}

/** Sends the marked alert. @throws ConfigError; UsageError for an unknown sink or a secret that can't be read */
export async function sendTest(context: DeliveryContext, name: string): Promise<TestResult> {
  const settings = sinkNamed(await deliverySettings(context), name)
  const { kind, own, timeoutMs } = settings
  const deps = { name, log: context.log }
  const marked = markedAlert(new Codec())
  const sink: AlertSink | MessageSink = await kind.create(own as never, deps)
  const timed = timedSignal(timeoutMs)
  const startedMs = performance.now()
  try {
    const outcome = await ('send' in sink ? sent(sink, marked, timed.signal) : sink.notify(messageOfTest(marked), timed.signal))
    return { alertId: marked.alert.alertId, outcome, ms: Math.round(performance.now() - startedMs) }
  } catch (error) {
    const outcome = { kind: 'retry', reason: messageOf(error) } as const
    return { alertId: marked.alert.alertId, outcome, ms: Math.round(performance.now() - startedMs) }
  } finally {
    timed.release()
    await sink.close()
  }
}

async function sent(sink: AlertSink, marked: TopicAlert, signal: AbortSignal): Promise<Outcome> {
  const [outcome = { kind: 'retry', reason: 'the sink did not say what became of it' } as const] = await sink.send([marked], signal)
  return outcome
}

function messageOfTest({ alert }: TopicAlert): GroupMessage {
  const { alertId, origin } = alert
  return {
    ...{ kind: 'first', id: alertId, groupId: alertId, alert, count: 1, total: 1, thread: null, mayRepeat: false },
    ...{ firstUs: origin.wallTimeUs, lastUs: origin.wallTimeUs, ranges: [] },
    hosts: { count: 1, names: [origin.hostName], hasMore: false },
    containers: { count: 0, names: [], hasMore: false },
    rules: { count: 1, names: [alert.rule], hasMore: false },
  }
}
