// `eunomia deliver status`: one row for each sink of deliver.yaml, over all instances.
import type { Command } from 'commander'
import { commandContext } from '../settings.js'
import { columnTable } from '../terminal/terminal-text.js'

const EXAMPLES = `
STATE is running, unavailable (the receiver does not answer; alerts wait), or stopped (no instance delivers to it). LAG counts alerts that are
neither delivered, dead, silenced nor routed elsewhere. DEAD are batches that \`eunomia deliver dead redrive\` can send again.

Examples:
  eunomia deliver status
  eunomia deliver status --json | jq 'select(.lag > 1000)'`

/** Adds the command to `deliver`. */
export function registerStatusCommand(deliver: Command): void {
  deliver
    .command('status')
    .description('state, lag and totals of each sink')
    .option('--json', 'one JSON object per sink', false)
    .addHelpText('after', EXAMPLES)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const { readStatus } = await import('../../assembly/delivery-status.js')
      const rows = await readStatus(commandContext(command, [], 'warn'))
      if (json) for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
      else {
        const table = columnTable(
          [
            { title: 'SINK', value: ({ sink }) => sink },
            { title: 'KIND', value: ({ kind }) => kind },
            { title: 'STATE', value: ({ state }) => state },
            { title: 'LAG', value: ({ lag }) => (lag === null ? '-' : String(lag)) },
            { title: 'DELIVERED', value: ({ delivered }) => String(delivered) },
            { title: 'RETRIED', value: ({ retried }) => String(retried) },
            { title: 'REFUSED', value: ({ refused }) => String(refused) },
            { title: 'DEAD', value: ({ dead }) => String(dead) },
          ],
          rows,
        )
        process.stdout.write(table)
      }
    })
}
