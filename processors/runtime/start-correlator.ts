// Advances a correlator with the clock, and appends its alerts to the topic log. A function can't do that: it acts on records only.
import type { Logger } from '../../infra/process/logger.js'
import { messageOf } from '../../infra/process/errors.js'
import type { Part } from '../../infra/process/lifecycle.js'
import type { TopicAppender, TopicLog } from '../../infra/topic-log/topic-log.js'
import { MAX_AHEAD_MS } from '../../infra/topic-log/topics.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'
import type { Clock } from '../../infra/waiting/clock.js'
import type { Correlator } from '../rule-engine/correlation/correlator.js'

/** What it depends on. */
export interface CorrelatorPartDeps {
  readonly correlator: Correlator
  readonly topicLog: TopicLog
  readonly codec: Codec
  readonly clock: Clock
  readonly log: Logger
}

/** A running correlator. */
export interface CorrelatorPart extends Part {
  /** Evaluates everything received, and resolves when the alerts are in the log. */
  finish(): Promise<void>
}

/** Longest delay of an alert, milliseconds. */
const EVERY_MS = 250

/** Starts it. Stopping evaluates what was received. */
export async function startCorrelator(deps: CorrelatorPartDeps): Promise<CorrelatorPart> {
  const ending = new AbortController()
  const out = new AlertOutput(await deps.topicLog.appender(() => undefined, lossOf(deps.log)), deps.codec)
  const finish = async (): Promise<void> => {
    await deps.correlator.finish()
    await out.append(deps.correlator.takeAlerts())
  }
  const done = untilEnded(deps, out, ending.signal)
  let stopped: Promise<void> | undefined
  return {
    done,
    finish,
    stop: () => {
      stopped ??= (async () => {
        ending.abort()
        await done
        await finish()
        await out.close()
      })()
      return stopped
    },
  }
}

async function untilEnded({ correlator, clock }: CorrelatorPartDeps, out: AlertOutput, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(EVERY_MS, signal)
    await correlator.advance()
    await out.append(correlator.takeAlerts())
  }
}

function lossOf(log: Logger): (topic: string, mark: number, records: number, reason: string) => void {
  return (topic, _, records, reason) => log.error({ topic, records, reason: messageOf(reason) }, 'alerts of correlations are lost')
}

/** Appends alerts, one group after the other. */
class AlertOutput {
  readonly #appender: TopicAppender
  readonly #codec: Codec
  #mark = 0
  #turn: Promise<void> = Promise.resolve()

  constructor(appender: TopicAppender, codec: Codec) {
    this.#appender = appender
    this.#codec = codec
  }

  async append(alerts: readonly Alert[]): Promise<void> {
    if (alerts.length === 0) return
    this.#turn = this.#turn.then(() => this.#appendNow(alerts))
    await this.#turn
  }

  async close(): Promise<void> {
    await this.#appender.close()
  }

  async #appendNow(alerts: readonly Alert[]): Promise<void> {
    for (const alert of alerts) {
      const { hostId, wallTimeUs } = alert.origin
      const bytes = this.#codec.encode('alerts', alert)
      // An event of a host whose clock is ahead must not pin the retention of the alerts.
      const timestampMs = Math.max(0, Math.floor(Math.min(wallTimeUs / 1000, Date.now() + MAX_AHEAD_MS)))
      const hasRoom = this.#appender.append({
        topic: 'alerts',
        key: Buffer.from(hostId),
        value: bytes,
        valueStart: 0,
        valueEnd: bytes.length,
        timestampMs,
        mark: ++this.#mark,
      })
      if (!hasRoom) await this.#appender.drained()
    }
    await this.#appender.flush()
  }
}
