// `eunomia deliver`: brings alerts to the receivers of deliver.yaml, and shows how that goes.
import type { Command } from 'commander'
import { runUntilEnded } from '../lifecycle.js'
import { commandContext, repeated } from '../settings.js'
import { registerDeadCommands } from './dead-command.js'
import { registerRoutesCommand } from './routes-command.js'
import { registerSilencesCommand } from './silences-command.js'
import { registerStatusCommand } from './status-command.js'
import { registerTestCommand } from './test-command.js'

const EXAMPLES = `
Sinks and routes are in deliver.yaml (setting deliver.file), as docs/siem.md shows.

Examples:
  eunomia deliver                            all sinks, until Ctrl-C; more instances share the work
  eunomia deliver --only siem --only pager   some of them
  eunomia deliver test siem                  one marked alert, and what the receiver answers
  eunomia deliver status                     lag, delivered, retried and dead, by sink`

/** Adds the command to the program. */
export function registerDeliverCommand(program: Command): void {
  const deliver = program
    .command('deliver')
    .description('deliver alerts to SIEMs, pagers and files until Ctrl-C: each sink a consumer group, its queue in Redis')
    .option('--only <sink>', 'only this sink of deliver.yaml; may be repeated', repeated)
    .option('--metrics-port <port>', 'serve Prometheus metrics on this port; 0 chooses a free one')
    .addHelpText('after', EXAMPLES)
    .action(async (options: { only?: string[]; metricsPort?: string }, command: Command) => {
      const context = commandContext(command, [{ flag: '--metrics-port', path: 'metrics.port', value: options.metricsPort }])
      const { startDelivery } = await import('../../assembly/delivery.js')
      const reason = await runUntilEnded(context.log, (lifecycle) => startDelivery(context, [...new Set(options.only ?? [])], lifecycle))
      context.log.info({ reason }, 'ended')
    })
  registerStatusCommand(deliver)
  registerTestCommand(deliver)
  registerDeadCommands(deliver)
  registerRoutesCommand(deliver)
  registerSilencesCommand(deliver)
}
