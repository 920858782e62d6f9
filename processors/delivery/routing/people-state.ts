// What people have set for alerts, from eunomia.state.v1: a view in memory.
import type { AlertState, StateRecord } from '../../../schemas/generated/types.js'
import type { StateView } from '../../state/state-topic.js'
import { silenceOf, Silences } from './silences.js'

/** States of alerts that are known at once, the latest ones. */
const MOST_ALERT_STATES = 100_000

/** Kinds that are not about alerts. */
const OF_OTHERS: ReadonlySet<StateRecord['kind']> = new Set(['hunt', 'savedHunt', 'archiveHold'])

/** What somebody has set for an alert. */
export interface SetAlertState extends Pick<StateRecord, 'author' | 'reason' | 'changedUs'> {
  readonly state: AlertState
}

/** The view. */
export class PeopleState implements StateView {
  readonly silences = new Silences()
  /** By alert id. */
  readonly #alerts = new Map<string, SetAlertState>()
  /** Records that could not be used. */
  invalid = 0
  /** States of alerts that were not kept at the bound. */
  forgottenAlerts = 0

  alertState(alertId: string): SetAlertState | undefined {
    return this.#alerts.get(alertId)
  }

  /** @returns what is wrong with a record that has no effect; null for any other */
  apply(record: StateRecord, nowUs: number): string | null {
    const { kind, id, alertState, author, reason, changedUs } = record
    if (kind === 'silence') {
      const silence = silenceOf(record)
      if (typeof silence === 'string') {
        // What it was before is not what its author wants: an alert too many is better than one too few.
        this.silences.delete(id)
        this.invalid++
        return silence
      }
      this.silences.set(silence, nowUs)
      return null
    }
    if (OF_OTHERS.has(kind)) return null
    if (kind !== 'alert' || alertState === null) {
      this.invalid++
      return `its kind is ${kind}`
    }
    this.#alerts.delete(id)
    this.#alerts.set(id, { state: alertState, author, reason, changedUs })
    if (this.#alerts.size <= MOST_ALERT_STATES) return null
    this.forgottenAlerts++
    for (const oldest of this.#alerts.keys()) {
      this.#alerts.delete(oldest)
      break
    }
    return null
  }

  /** @param key of a record without a value */
  remove(key: string): void {
    const [kind = '', id = ''] = key.split('/')
    if (kind === 'silence') this.silences.delete(id)
    if (kind === 'alert') this.#alerts.delete(id)
  }
}
