// `eunomia alerts ack|close|reopen`: what people know of an alert. The state is a record of eunomia.state.v1, the change one of eunomia.audit.v1.
import type { Command } from 'commander'
import { UsageError } from '../infra/process/errors.js'
import type { AlertState, AuditAction } from '../schemas/generated/types.js'
import { commandContext, defaultAuthor } from './settings.js'

const EXAMPLES = `
Examples:
  eunomia alerts ack 4f0c...  --comment 'looking at it'
  eunomia alerts close 4f0c... 91be... --comment 'test of the deployment team, OPS-4711'`

interface StateOptions {
  readonly comment: string
  readonly author?: string
}

const COMMANDS: readonly (readonly [name: string, AlertState, AuditAction, description: string])[] = [
  ['ack', 'acknowledged', 'alert_acknowledge', 'somebody works on these alerts'],
  ['close', 'closed', 'alert_close', 'nobody needs to work on these alerts any more'],
  ['reopen', 'open', 'alert_reopen', 'take ack or close back'],
]

/** Adds the commands to `alerts`. */
export function registerAlertStateCommands(alerts: Command): void {
  for (const [name, state, action, description] of COMMANDS) {
    alerts
      .command(`${name} <alert-id...>`)
      .description(`${description}; the alerts stay in their topic`)
      .requiredOption('--comment <text>', 'why, or what was found')
      .option('--author <name>', 'who (default: the user of this command)')
      .addHelpText('after', EXAMPLES)
      .action(async (ids: string[], options: StateOptions, command: Command) => await setState(ids, state, action, options, command))
  }
}

async function setState(
  ids: readonly string[],
  alertState: AlertState,
  action: AuditAction,
  options: StateOptions,
  command: Command,
): Promise<void> {
  const wrong = ids.find((id) => !/^[0-9a-f]{32}$/.test(id))
  if (wrong !== undefined)
    throw new UsageError(`${wrong} is no alert id: expected the 32 hex digits of alertId, as eunomia alerts --json shows them`)
  const { withPeople } = await import('../assembly/people.js')
  await withPeople(commandContext(command), async (people, apply) => {
    const changes = [...new Set(ids)].map((id) => {
      const record = { kind: 'alert', id, silence: null, alertState } as const
      return { action, record, before: people.alertState(id) ?? null, after: { state: alertState } }
    })
    await apply(changes, { author: options.author ?? defaultAuthor(), reason: options.comment })
    process.stdout.write(changes.map(({ record }) => `${alertState} ${record.id}\n`).join(''))
  })
}
