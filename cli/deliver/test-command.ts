// `eunomia deliver test SINK`: sends one marked alert directly, past queue and routes, and prints what the receiver answers.
import type { Command } from 'commander'
import { printable } from '../../infra/text/printable.js'
import { EXIT } from '../lifecycle.js'
import { commandContext } from '../settings.js'

const EXAMPLES = `
The alert has the rule "Eunomia delivery test" and the tag eunomia_test. It is in no topic. The status is 1 if the receiver does not take it.

Examples:
  eunomia deliver test siem
  eunomia deliver test pager --json`

/** Adds the command to `deliver`. */
export function registerTestCommand(deliver: Command): void {
  deliver
    .command('test')
    .description('send one marked alert to a sink, and print the answer')
    .argument('<sink>', 'name of the sink in deliver.yaml')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, { json }: { json: boolean }, command: Command) => {
      const { sendTest } = await import('../../assembly/delivery-test.js')
      const { outcome, alertId, ms } = await sendTest(commandContext(command, [], 'warn'), name)
      if (json) process.stdout.write(`${JSON.stringify({ sink: name, alertId, ms, ...outcome })}\n`)
      else {
        const what = outcome.kind === 'delivered' ? `delivered in ${String(ms)} ms` : `${outcome.kind}: ${printable(outcome.reason)}`
        const answer = outcome.kind === 'refused' && outcome.answer !== '' ? `\n${printable(outcome.answer)}` : ''
        process.stdout.write(`${name}: alert ${alertId} ${what}${answer}\n`)
      }
      if (outcome.kind !== 'delivered') process.exitCode = EXIT.failed
    })
}
