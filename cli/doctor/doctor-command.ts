// `eunomia doctor`: tries everything that Eunomia depends on, and says how to fix what does not work.
import type { Command } from 'commander'
import { printable } from '../../infra/text/printable.js'
import { EXIT } from '../lifecycle.js'
import { commandContext } from '../settings.js'
import { type Colors, colorsFor, widthOf, wrap } from '../terminal/terminal-text.js'
import { checkArchive } from './archive-check.js'
import type { Check, CheckResult, CheckStatus } from './check.js'
import { checkDelivery } from './delivery-check.js'
import { checkClock, checkKernel, checkPins, checkPrivileges } from './host-checks.js'
import { checkLedger } from './ledger-check.js'
import { checkKafka, checkRedis, checkRuntimes, checkStateFolder } from './service-checks.js'

const EXAMPLES = `
Examples:
  eunomia doctor                             status 1 when something that is needed does not work
  eunomia doctor --json | jq 'select(.status != "ok")'`

/** Adds the command to the program. */
export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('try kernel, probes, ring, container runtimes, Kafka, Redis and clock, and say how to fix what does not work')
    .option('--json', 'one JSON object per line: name, status, detail, fix', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: { json: boolean }, command: Command) => {
      const colors = colorsFor(process.stdout)
      let hasFailed = false
      // Checks run concurrently, because each waits for something else; results are printed in order.
      const running = checksOf(command).map((check) => check())
      await Promise.allSettled(running)
      for (const results of running) {
        for (const result of await results) {
          hasFailed ||= result.status === 'failed'
          process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : resultText(result, colors))
        }
      }
      if (hasFailed) process.exitCode = EXIT.failed
    })
}

function checksOf(command: Command): readonly Check[] {
  const context = commandContext(command)
  const { config, resolved } = context
  const isConfigured = (path: string): boolean => resolved.values.get(path)?.source !== 'default'
  return [
    () => checkKernel(config.collector),
    () => checkPins(config),
    () => checkPrivileges(config),
    () => checkLedger(config),
    () => checkClock(config),
    () => checkStateFolder(config.stateFolder),
    () => checkRuntimes(config.collector, isConfigured),
    () => checkKafka(config.kafka, isConfigured('kafka.brokers')),
    () => checkRedis(config.redis, isConfigured('redis.url')),
    () => checkDelivery(context),
    () => checkArchive(config),
  ]
}

/** Width of a mark and the space after it. */
const INDENT = '        '

const MARK: Readonly<Record<CheckStatus, (colors: Colors) => string>> = {
  ok: (colors) => colors.green('ok     '),
  warning: (colors) => colors.yellow('warning'),
  failed: (colors) => colors.red('FAILED '),
}

function resultText({ name, status, detail, fix }: CheckResult, colors: Colors): string {
  const lines = [`${name}: ${printable(detail)}`, ...(fix === null ? [] : [`fix: ${fix}`])]
  const room = Math.max(20, widthOf(process.stdout) - INDENT.length)
  const body = lines.flatMap((line) => wrap(line, room)).map((line, at) => (at === 0 ? line : INDENT + line))
  return `${MARK[status](colors)} ${body.join('\n')}\n`
}
