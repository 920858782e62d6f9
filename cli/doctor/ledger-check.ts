// Whether the running collector loses events: drops of security kinds, events over a budget, and calls that no table has.
import { controlSocketOf } from '../../assembly/control-settings.js'
import { LEDGER, type LedgerAnswer } from '../../collector/control/control-answers.js'
import { ControlAnswerError, ControlRefusedError, ControlUnreachableError, readControl } from '../../collector/control/control-client.js'
import type { Config } from '../../infra/config/config-schema.js'
import { countersText } from '../ledger.js'
import { type CheckResult, ill, well } from './check.js'

const NAME = 'ledger'

/** Reads the ledger of the running collector. Without one, or with one of another version, which the check of privileges names: nothing. */
export async function checkLedger(config: Config): Promise<readonly CheckResult[]> {
  try {
    return [ofLedger(await readControl(controlSocketOf(config), '/ledger', LEDGER))]
  } catch (error) {
    if (error instanceof ControlAnswerError || error instanceof ControlUnreachableError || error instanceof ControlRefusedError) return []
    throw error
  }
}

/** The result for a ledger. */
export function ofLedger({ accounts, counters }: LedgerAnswer): CheckResult {
  const lost = accounts.reduce((sum, account) => sum + account.droppedRing + account.droppedCollector + account.droppedSpool, 0)
  const notes = countersText(counters).trimEnd().replaceAll('\n', '; ')
  if (lost === 0 && notes === '') return well(NAME, 'nothing was lost')
  const detail = [`${String(lost)} events were lost`, ...(notes === '' ? [] : [notes])].join('; ')
  const fix =
    'eunomia ledger --losses shows when; events of type drop name the noisiest process; larger rings (docs/operations.md) bridge bursts'
  return ill(NAME, detail, fix, 'warning')
}
