// The ledger as the control socket tells it, read once: whoever listens there may be of another version.
import type { Account } from '../../collector/ledger/account.js'
import type { Loss } from '../../schemas/generated/types.js'
import { LOSS_PLACE_SYMBOLS } from '../../schemas/generated/types.js'
import { fieldsOf, fits, isListOf, type Form } from './answer-form.js'

/** The answer to GET /ledger. */
export interface LedgerAnswer {
  readonly accounts: readonly Account[]
  readonly losses: readonly Loss[]
}

const ACCOUNT: Form<Account> = {
  topic: 'text',
  kind: 'text',
  cpu: 'count',
  emitted: 'count',
  published: 'count',
  droppedRing: 'count',
  droppedCollector: 'count',
  suppressed: 'count',
  droppedSpool: 'count',
  spooled: 'count',
  isInherited: 'flag',
  inFlight: 'count',
}
const LOSS: Form<Loss> = { fromUs: 'count', untilUs: 'count', topic: 'text', kind: 'text', cpu: 'count', where: 'text', count: 'count' }
const PLACES: readonly string[] = LOSS_PLACE_SYMBOLS

/** @returns null for what is no such answer */
export function ledgerAnswer(answer: unknown): LedgerAnswer | null {
  const { accounts, losses } = fieldsOf(answer)
  const isLedger = isListOf(accounts, (value) => fits(value, ACCOUNT)) && isListOf(losses, isLoss)
  return isLedger ? { accounts, losses } : null
}

function isLoss(value: unknown): value is Loss {
  return fits(value, LOSS) && PLACES.includes(value.where)
}
