// `eunomia replay RULES...`: a backtest. The rules on a range of the past, compared with the alerts of that time.
import { writeFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { readingCodec } from '../../assembly/codec.js'
import { isRetryable, messageOf, UsageError } from '../../infra/process/errors.js'
import { alertTestOf } from '../../processors/forensics/hunt/alert-test.js'
import { Backtest, type BacktestReport } from '../../processors/forensics/hunt/backtest.js'
import type { HuntPlan } from '../../processors/forensics/hunt/hunt-plan.js'
import { loadHuntRules } from '../../processors/forensics/hunt/hunt-rules.js'
import type { DamagedRecords, History } from '../../processors/forensics/history/history.js'
import type { Logger } from '../../infra/process/logger.js'
import { MAX_AHEAD_MS } from '../../infra/topic-log/topics.js'
import { decodeLearned } from '../../processors/runtime/decode-learned.js'
import type { Codec } from '../../schemas/codec.js'
import { commandContext } from '../settings.js'
import { widthOf } from '../terminal/terminal-text.js'
import { accountOf, accountText } from './hunt-account.js'
import { huntOnce } from './hunt-command.js'
import { addHuntFlags, type HuntFlags, requestOf } from './hunt-flags.js'
import { failureOf, replayJunit, replayText } from './replay-report.js'
import { RowOutput } from './row-output.js'

const EXAMPLES = `
The rules are evaluated on the events of the range as live detection would, and compared with the alerts of that time in the topic and the
archive: new, gone and the same, by rule, with the alerts per host and day that each would make. Alerts of other rules are only counted.
For recorded captures: eunomia run --capture FILE --json; for recorded events: eunomia rules diff OLD NEW --events FILE.

Examples:
  eunomia replay my-rules/ --since 7d
  eunomia replay my-rules/ --since 1d --most-noise 0.5 --junit backtest.xml
  eunomia replay my-rules/ --since 1d --json | jq '.rules[] | select(.fresh > 0)'`

interface ReplayFlags extends HuntFlags {
  readonly json: boolean
  readonly junit?: string
  readonly mostNoise?: number
  readonly exitCode: boolean
}

/** Adds the command to the program. */
export function registerReplayCommand(program: Command): void {
  addHuntFlags(program.command('replay'), { limit: 50_000 })
    .description('compare rules with the alerts of the past: a backtest')
    .argument('[rules...]', 'rule files and folders')
    .option('--junit <file>', 'also write a test for each rule as JUnit XML')
    .option('--most-noise <alerts>', 'a rule fails with more alerts per host and day, instead of with any difference', positive)
    .option('--exit-code', 'exit with 1 if a rule fails', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(replay)
}

async function replay(given: readonly string[], flags: ReplayFlags, command: Command): Promise<void> {
  const { config, log } = commandContext(command, [], 'warn')
  const request = await requestOf(given, flags, command)
  const codec = readingCodec(config.schemas)
  const rows =
    flags.output === undefined ? null : new RowOutput({ format: flags.format === 'table' ? 'json' : flags.format, output: flags.output })
  const { openHistory } = await import('../../assembly/history.js')
  const history = openHistory(config, log)
  let backtest: Backtest | undefined
  try {
    const onPlan = async (plan: HuntPlan): Promise<void> => {
      backtest = await alertsThen(plan, request.hosts !== undefined, history, codec, log)
    }
    const onRow = (alert: Uint8Array): void => {
      const found = codec.decode('alerts', alert)
      backtest?.addFound(found)
      rows?.write(found)
    }
    const { plan, result } = await huntOnce(request, { config, log, codec, workers: flags.workers, onPlan, onRow })
    if (backtest === undefined) throw new UsageError('interrupted before anything was read')
    // What is not listed was not compared.
    if (result.alerts > result.rows)
      throw new UsageError(
        `the rules make ${String(result.alerts)} alerts in this range, more than the ${String(result.rows)} that are compared: raise --limit, or choose a shorter range`,
      )
    const account = accountOf(plan, result)
    if (result.slicesLeft > 0) {
      process.stderr.write(accountText(account))
      throw new UsageError('nothing is compared, since a part was not read: alerts of that part would seem to be gone')
    }
    const report = backtest.report()
    if (flags.json) process.stdout.write(`${JSON.stringify({ ...report, account })}\n`)
    else process.stdout.write(`${replayText(report, result.repeated, widthOf(process.stdout))}\n${accountText(account)}`)
    if (flags.junit !== undefined) writeJunit(flags.junit, report, flags.mostNoise)
    const isFailed = flags.exitCode && report.rules.some((rule) => failureOf(rule, flags.mostNoise) !== null)
    if (isFailed) process.exitCode = 1
  } finally {
    rows?.close()
    await history.close()
  }
}

/** Reads the alerts of that time. Their times in the topic are those of their events, but for clocks that are ahead. */
async function alertsThen(plan: HuntPlan, isOfHosts: boolean, history: History, codec: Codec, log: Logger): Promise<Backtest> {
  const { ruleSet } = loadHuntRules(plan.rules)
  const { fromMs, toMs } = plan
  const hosts = isOfHosts ? new Set(plan.hosts.map(({ hostId }) => hostId)) : null
  const backtest = new Backtest({
    rules: new Set([...ruleSet.activeRules, ...ruleSet.activeCorrelations].map(({ name }) => name)),
    test: alertTestOf(plan),
    hosts,
    hostCount: plan.hosts.length,
    days: (toMs - fromMs) / 86_400_000,
  })
  const then = await history.plan({ topics: ['alerts'], fromMs: fromMs - MAX_AHEAD_MS, toMs: toMs + MAX_AHEAD_MS })
  for (const { offsets } of then.partitions.flatMap(({ missing }) => missing)) backtest.miss(offsets[1] - offsets[0])
  const { signal } = new AbortController()
  const onDamaged = ({ offsets }: DamagedRecords): void => backtest.miss(offsets[1] - offsets[0])
  for (const slice of then.slices) {
    for await (const batch of history.read(slice, { signal, onDamaged })) {
      while (batch.next()) {
        try {
          const alert = await decodeLearned('alerts', batch, codec)
          backtest.addThen(alert, batch.timestampMs >= fromMs && batch.timestampMs < toMs)
        } catch (error) {
          if (isRetryable(error)) throw error
          backtest.miss(1)
          log.warn({ partition: batch.partition, offset: batch.offset, error: messageOf(error) }, 'an alert of that time can not be read')
        }
      }
    }
  }
  return backtest
}

function writeJunit(file: string, report: BacktestReport, mostNoise: number | undefined): void {
  try {
    writeFileSync(file, replayJunit(report, mostNoise))
  } catch (error) {
    throw new UsageError(`--junit: ${messageOf(error)}`)
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number above 0.')
  return value
}
