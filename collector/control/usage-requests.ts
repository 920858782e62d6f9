// When aggregates are read and whose are told, over the control API: what is in force, and other values in their place.
import { ConfigError } from '../../infra/config/config-error.js'
import { parseUsageChange } from '../usage/usage-settings.js'
import type { UsageTrackers } from '../usage/usage-trackers.js'
import { ControlRefusal, type ControlAnswer } from './control-answer.js'

/** What can be asked; null where nobody reads aggregates. */
export type AskedUsage = Pick<UsageTrackers, 'settings' | 'change'> | null

/** What is in force. @throws ControlRefusal */
export function currentUsage(usage: AskedUsage): ControlAnswer {
  return { status: 200, body: existing(usage).settings }
}

/** Other values in the place of those before; what is not named stays. @param body JSON of UsageChange @throws ControlRefusal */
export async function changeUsage(usage: AskedUsage, body: string): Promise<ControlAnswer> {
  const changed = existing(usage)
  try {
    await changed.change(parseUsageChange(JSON.parse(body)))
  } catch (error) {
    if (error instanceof ConfigError) throw new ControlRefusal(400, error.message)
    if (error instanceof SyntaxError) throw new ControlRefusal(400, `the body is no JSON: ${error.message}`)
    throw error
  }
  return currentUsage(changed)
}

function existing(usage: AskedUsage): Exclude<AskedUsage, null> {
  if (usage === null) throw new ControlRefusal(409, 'no aggregates are made here: only `eunomia collect` makes them, of a live host')
  return usage
}
