// `eunomia alerts`: follows the alerts topic of the cluster.
import { randomUUID } from 'node:crypto'
import { Option, type Command } from 'commander'
import { kafkaConfigOf } from '../../infra/config/kafka-settings.js'
import type { Alert } from '../../schemas/generated/types.js'
import { commandContext } from '../settings/command-config.js'
import { readingCodec } from '../../assembly/codec.js'
import { runUntilEnded } from '../lifecycle/run-until-ended.js'
import { parseMoment } from '../settings/time-span.js'
import { colorsFor, widthOf } from '../terminal/terminal-text.js'
import { alertBlocks } from './alert-blocks.js'
import { readAlerts } from './read-alerts.js'

const EXAMPLES = `
Examples:
  eunomia alerts                             as they come
  eunomia alerts --since 1h --rule 'Credential*'
  eunomia alerts --container web --format json | jq .output`

interface AlertsOptions {
  readonly format: 'table' | 'json'
  readonly json: boolean
  readonly since?: number
  readonly rule?: string
  readonly container?: string
}

/** Adds the command to the program. */
export function registerAlertsCommand(program: Command): void {
  program
    .command('alerts')
    .description('follow the alerts topic until Ctrl-C')
    .addOption(
      new Option('--format <format>', 'blocks for people, repeats counted, or JSON lines').choices(['table', 'json']).default('table'),
    )
    .option('--json', 'as --format json: one JSON object a line', false)
    .option('--since <time>', 'begin with alerts of events since then: 10m, 2h, 2026-01-31T12:00:00Z (default: only new ones)', (text) =>
      parseMoment(text),
    )
    .option('--rule <name>', 'only of this rule; * stands for anything')
    .option('--container <name-or-id>', 'only of this container: its name, its id or the beginning of it; * stands for anything')
    .addHelpText('after', EXAMPLES)
    .action(followAlerts)
}

async function followAlerts(options: AlertsOptions, command: Command): Promise<void> {
  const { config, log } = commandContext(command)
  const codec = readingCodec(config.schemas)
  const { KafkaTopicLog } = await import('../../infra/kafka/kafka-topic-log.js')
  const topicLog = new KafkaTopicLog(kafkaConfigOf(config.kafka), log)
  const isWanted = alertFilter(options)
  const print = printer(options.json || options.format === 'json')
  await runUntilEnded(log, async (care) => {
    care.keep('Kafka', async () => await topicLog.close())
    await care.start('alerts', () =>
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

function printer(isJson: boolean): (alerts: readonly Alert[]) => void {
  const { stdout } = process
  if (isJson) return (alerts) => void stdout.write(alerts.map((alert) => `${JSON.stringify(alert)}\n`).join(''))
  return (alerts) => void stdout.write(alertBlocks(alerts, widthOf(stdout), colorsFor(stdout), Date.now()))
}

/** Whether an alert is asked for. */
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

/** Equality, with * for any text. Linear in the text, whatever the pattern. */
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
