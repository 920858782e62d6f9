// `eunomia deliver routes test`: where an alert goes, and why.
import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { messageOf, UsageError } from '../../infra/process/errors.js'
import type { Routes, RouteStep } from '../../processors/delivery/routing/routes.js'
import type { Alert } from '../../schemas/generated/types.js'
import { commandContext } from '../settings.js'
import { columnTable } from '../terminal/terminal-text.js'

const EXAMPLES = `
ALERT.json has one alert as \`eunomia alerts --json\` prints it; - reads it from stdin.

Examples:
  eunomia alerts --since 1h --json | head -1 > alert.json
  eunomia deliver routes test alert.json`

/** Adds the command to `deliver`. */
export function registerRoutesCommand(deliver: Command): void {
  deliver
    .command('routes')
    .description('which sinks an alert goes to')
    .command('test')
    .description('show where an alert goes, and which condition of which route decided')
    .argument('<alert>', 'file with one alert as JSON, or -')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, { json }: { json: boolean }, command: Command) => {
      const [{ deliverySettings }, { Routes: Compiled }] = await Promise.all([
        import('../../assembly/delivery.js'),
        import('../../processors/delivery/routing/routes.js'),
      ])
      const settings = await deliverySettings(commandContext(command, [], 'warn'))
      const names = settings.sinks.map(({ name }) => name)
      const alert = await readAlert(file)
      const routes = new Compiled(settings.routing, names)
      const [steps, sinks] = [routes.explain(alert), sinksOf(routes, alert, names)]
      process.stdout.write(json ? `${JSON.stringify({ alertId: alert.alertId, sinks, steps })}\n` : routesText(alert, steps, sinks))
    })
}

async function readAlert(file: string): Promise<Alert> {
  const [{ recordFromJson }, { Codec }] = await Promise.all([import('../../schemas/record-json.js'), import('../../schemas/codec.js')])
  try {
    return recordFromJson(new Codec().schema('alerts'), JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'))) as Alert
  } catch (error) {
    throw new UsageError(`${file} has no alert as JSON: ${messageOf(error)}`, { cause: error })
  }
}

/** A table of the routes and why the alert takes each or not, and the sinks that get it. */
export function routesText(alert: Alert, steps: readonly RouteStep[], sinks: readonly string[]): string {
  const table = columnTable(
    [
      { title: 'ROUTE', value: ({ route }: RouteStep) => route },
      { title: 'TAKEN', value: ({ isTaken }) => (isTaken ? 'yes' : 'no') },
      { title: 'TO', value: ({ to }) => (to.length === 0 ? 'nobody' : to.join(', ')) },
      { title: 'WHY', value: whyOf },
    ],
    steps,
  )
  return `${table}\n${alert.alertId} goes to ${sinks.length === 0 ? 'no sink' : sinks.join(', ')}\n`
}

function whyOf({ mismatch, isTaken, route }: RouteStep): string {
  if (mismatch !== null) return `${mismatch.field} is ${mismatch.found === '' ? 'not known' : mismatch.found}, wanted ${mismatch.wanted}`
  if (route === 'default') return isTaken ? 'no route matches' : 'a route matches'
  return isTaken ? 'matches' : 'matches, but an earlier route does too'
}

/** The sinks that the alert goes to. */
export function sinksOf(routes: Routes, alert: Alert, sinks: readonly string[]): string[] {
  return sinks.filter((sink) => routes.includes(sink, alert))
}
