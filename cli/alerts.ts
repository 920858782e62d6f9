// `eunomia alerts`: follows the alerts topic of the cluster.
import { type Command, Option } from 'commander'
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { readingCodec } from '../assembly/codec.js'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { isRetryable } from '../infra/process/errors.js'
import type { Logger } from '../infra/process/logger.js'
import { printable, printableJson } from '../infra/text/printable.js'
import type { RecordBatch } from '../infra/topic-log/topic-log.js'
import { decodeLearned } from '../processors/runtime/decode-learned.js'
import { ALERT_FORMATS, type AlertFormat, alertWriter } from '../schemas/alert-formats.js'
import type { Codec } from '../schemas/codec.js'
import type { Alert } from '../schemas/generated/types.js'
import { registerAlertStateCommands } from './alert-state.js'
import { runUntilEnded } from './lifecycle.js'
import { AlertRepeats, repeatsText } from './run/live-view.js'
import { commandContext, parseMoment } from './settings.js'
import { alertLines } from './terminal/alert-text.js'
import { type Colors, colorsFor, widthOf, wrap } from './terminal/terminal-text.js'

const EXAMPLES = `
Examples:
  eunomia alerts                             as they come
  eunomia alerts --since 1h --rule 'Credential*'
  eunomia alerts --container web --format json | jq .output
  eunomia alerts --since 1d --format ocsf > findings.jsonl`

interface AlertsOptions {
  readonly format: AlertFormat | 'table'
  readonly json: boolean
  readonly since?: number
  readonly rule?: string
  readonly container?: string
}

/** Adds the command to the program. */
export function registerAlertsCommand(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('follow the alerts topic until Ctrl-C')
    .addOption(
      new Option('--format <format>', 'text blocks with repeats counted, or a line for each: the record as JSON, OCSF or ECS JSON, or CEF')
        .choices(['table', ...ALERT_FORMATS])
        .default('table'),
    )
    .option('--json', 'same as --format json: one JSON object per line', false)
    .option(
      '--since <time>',
      'start with alerts of events since this time: 10m, 2h, 2026-01-31T12:00:00Z (default: only new ones)',
      (text) => parseMoment(text),
    )
    .option('--rule <name>', 'only alerts of this rule; * matches any text')
    .option('--container <name-or-id>', 'only alerts of this container: its name, its id or the beginning of its id; * matches any text')
    .addHelpText('after', EXAMPLES)
    .action(followAlerts)
  registerAlertStateCommands(alerts)
}

async function followAlerts(options: AlertsOptions, command: Command): Promise<void> {
  const { config, log } = commandContext(command)
  const codec = readingCodec(config.schemas)
  const { KafkaTopicLog } = await import('../infra/kafka/kafka-topic-log.js')
  const topicLog = new KafkaTopicLog(kafkaConfigOf(config.kafka), log)
  const isWanted = alertFilter(options)
  const print = printer(options.json ? 'json' : options.format)
  void isAnyAnswering(config.kafka.brokers).then((isAnswering) => {
    if (!isAnswering) log.warn({ brokers: config.kafka.brokers.join(', ') }, NO_BROKER)
  })
  await runUntilEnded(log, async (lifecycle) => {
    lifecycle.onStop('Kafka', async () => await topicLog.close())
    await lifecycle.start('alerts', () =>
      topicLog.consume({
        group: `eunomia.alerts.${randomUUID()}`,
        topics: ['alerts'],
        from: options.since === undefined ? 'latest' : 'earliest',
        outputs: [],
        handler: async (batch) => {
          print((await readAlerts(batch, codec, log)).filter(isWanted))
          return { nextOffset: batch.lastOffset + 1, outputs: [] }
        },
      }),
    )
  })
}

const NO_BROKER =
  'no broker answers, waiting: set kafka.brokers (EUNOMIA_KAFKA_BROKERS) to those of your cluster, or start one here with `eunomia stack up`'
const CONNECT_MS = 3_000
const SHOW_REPEATS_MS = 1_000

/** Whether something listens at one of the addresses, HOST:PORT each. */
async function isAnyAnswering(brokers: readonly string[]): Promise<boolean> {
  return (await Promise.all(brokers.map(isAnswering))).includes(true)
}

function isAnswering(broker: string): Promise<boolean> {
  const at = broker.lastIndexOf(':')
  const socket = connect({ host: broker.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(broker.slice(at + 1)) })
  return new Promise((resolve) => {
    const settle = (isThere: boolean): void => {
      socket.destroy()
      resolve(isThere)
    }
    socket.setTimeout(CONNECT_MS, () => settle(false))
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

function printer(format: AlertsOptions['format']): (alerts: readonly Alert[]) => void {
  const { stdout } = process
  if (format === 'table') {
    const blocks = new AlertBlocks(widthOf(stdout), colorsFor(stdout))
    const showEnded = (nowMs: number): void => void stdout.write(blocks.ended(nowMs))
    setInterval(() => showEnded(Date.now()), SHOW_REPEATS_MS).unref()
    process.once('exit', () => showEnded(Infinity))
    return (alerts) => void stdout.write(blocks.take(alerts, Date.now()))
  }
  const lineOf = lineWriter(format, stdout.isTTY)
  return (alerts) => void stdout.write(alerts.map((alert) => `${lineOf(alert)}\n`).join(''))
}

/** A line for an alert. A terminal would obey the control characters of an alert; a pipe gets them unchanged. */
export function lineWriter(format: AlertFormat, isTerminal: boolean): (alert: Alert) => string {
  const lineOf = alertWriter(format)
  if (!isTerminal) return lineOf
  const safe = format === 'cef' ? printable : printableJson
  return (alert) => safe(lineOf(alert))
}

/** True if the flags select the alert. */
export function alertFilter(options: Pick<AlertsOptions, 'since' | 'rule' | 'container'>): (alert: Alert) => boolean {
  const { since, rule, container } = options
  const isRule = rule === undefined ? () => true : matcher(rule)
  const isContainer = container === undefined ? () => true : matcher(container)
  return (alert) => {
    if (since !== undefined && alert.origin.wallTimeUs < since * 1000) return false
    if (!isRule(alert.rule)) return false
    if (container === undefined) return true
    const id = alert.containerId
    return (
      id !== null &&
      (isContainer(id) || (/^[0-9a-f]{6,}$/.test(container) && id.startsWith(container)) || isContainer(alert.container?.name ?? ''))
    )
  }
}

/** Equality, with * for any text. Linear in the length of the text for any pattern. */
function matcher(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return (text) => text === first
  return (text) => {
    if (!text.startsWith(first)) return false
    let at = first.length
    for (const part of rest) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return text.length - last.length >= at && text.endsWith(last)
  }
}

/**
 * All readable alerts of the batch. Requests unknown schemas from the registry.
 * @throws a temporary error, such as an unavailable registry: the batch is then delivered again
 */
export async function readAlerts(batch: RecordBatch, codec: Codec, log: Logger): Promise<Alert[]> {
  const alerts: Alert[] = []
  while (batch.next()) {
    try {
      alerts.push(await decodeLearned('alerts', batch, codec))
    } catch (error) {
      if (isRetryable(error)) throw error
      log.warn({ partition: batch.partition, offset: batch.offset, err: error }, "a record of the alerts topic can't be read")
    }
  }
  return alerts
}

/** Alerts as text for people, each after an empty line; repeats are counted, over batches, by the times of the events. */
export class AlertBlocks {
  readonly #repeats = new AlertRepeats()
  readonly #width: number
  readonly #colors: Colors
  // A batch has alerts of several hosts; its time is that of the newest event so far.
  #atMs = 0

  constructor(width: number, colors: Colors) {
    this.#width = width
    this.#colors = colors
  }

  /** Text of these alerts. An alert of another day than `nowMs` shows its date. */
  take(alerts: readonly Alert[], nowMs: number): string {
    const lines: string[] = []
    for (const alert of alerts) {
      this.#atMs = Math.max(this.#atMs, alert.origin.wallTimeUs / 1000)
      lines.push(...this.#ended(this.#atMs))
      if (this.#repeats.take(alert, this.#atMs)) lines.push('', ...alertLines(alert, this.#width, this.#colors, { nowMs }))
    }
    return textOf(lines)
  }

  /** Text of the repeats whose time is over. */
  ended(nowMs: number): string {
    return textOf(this.#ended(nowMs))
  }

  #ended(nowMs: number): string[] {
    return this.#repeats.ended(nowMs).flatMap((repeats) => wrap(repeatsText(repeats), this.#width))
  }
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('')
