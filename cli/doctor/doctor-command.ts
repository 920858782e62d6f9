// `eunomia doctor`: exercises what Eunomia stands on, and says how to mend what does not work.
import type { Command } from 'commander'
import { printable } from '../../infra/text/printable.js'
import { EXIT } from '../lifecycle.js'
import { commandContext } from '../settings.js'
import { type Colors, colorsFor, widthOf, wrap } from '../terminal/terminal-text.js'
import type { Check, CheckResult, CheckStatus } from './check.js'
import { checkClock } from './clock-check.js'
import { checkKernel } from './kernel-check.js'
import { checkPins } from './pins-check.js'
import { checkPrivileges } from './privileges-check.js'
import { checkKafka, checkRedis, checkRuntimes, checkStateFolder } from './service-checks.js'

const EXAMPLES = `
Examples:
  eunomia doctor                             status 1 when something that is needed does not work
  eunomia doctor --json | jq 'select(.status != "ok")'`

/** Adds the command to the program. */
export function registerDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('try kernel, probes, ring, container runtimes, Kafka, Redis and clock, and say how to mend what does not work')
    .option('--json', 'one JSON object a line: name, status, detail, mend', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: { json: boolean }, command: Command) => {
      const colors = colorsFor(process.stdout)
      let hasFailed = false
      // All at once, since each waits for somebody else; told in their order.
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
  const { config, resolved } = commandContext(command)
  const isConfigured = (path: string): boolean => resolved.values.get(path)?.source !== 'default'
  return [
    () => checkKernel(config.collector),
    () => checkPins(config),
    () => checkPrivileges(config),
    () => checkClock(),
    () => checkStateFolder(config.stateFolder),
    () => checkRuntimes(config.collector, isConfigured),
    () => checkKafka(config.kafka, isConfigured('kafka.brokers')),
    () => checkRedis(config.redis, isConfigured('redis.url')),
  ]
}

/** As wide as a mark and the space behind it. */
const INDENT = '        '

const MARK: Readonly<Record<CheckStatus, (colors: Colors) => string>> = {
  ok: (colors) => colors.green('ok     '),
  warning: (colors) => colors.yellow('warning'),
  failed: (colors) => colors.red('FAILED '),
}

function resultText({ name, status, detail, mend }: CheckResult, colors: Colors): string {
  const lines = [`${name}: ${printable(detail)}`, ...(mend === null ? [] : [`mend: ${mend}`])]
  const room = Math.max(20, widthOf(process.stdout) - INDENT.length)
  const body = lines.flatMap((line) => wrap(line, room)).map((line, at) => (at === 0 ? line : INDENT + line))
  return `${MARK[status](colors)} ${body.join('\n')}\n`
}
