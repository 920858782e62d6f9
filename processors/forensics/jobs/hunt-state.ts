// The hunts of eunomia.state.v1, as a view: those that run, were run, and are saved. Their plans stay packed: many may be known at once.
import { messageOf } from '../../../infra/process/errors.js'
import type { Hunt, StateRecord } from '../../../schemas/generated/types.js'
import type { StateView } from '../../state/state-topic.js'
import { planOf, savedHuntOf, unpacked } from './packed.js'

/** Hunts that are known at once; of those that have ended the latest ones. */
export const MOST_HUNTS = 1_000

/** A hunt, and who changed it last. */
export interface KnownHunt extends Hunt, Pick<StateRecord, 'id' | 'author' | 'reason' | 'changedUs'> {}

/** The view. */
export class HuntState implements StateView {
  invalid = 0
  /** Ended hunts that were not kept at the bound. */
  forgotten = 0
  readonly #hunts = new Map<string, KnownHunt>()
  readonly #saved = new Map<string, KnownHunt>()
  readonly #onChange: (hunt: KnownHunt) => void

  /** @param onChange a hunt or saved hunt has a new record */
  constructor(onChange: (hunt: KnownHunt) => void = () => undefined) {
    this.#onChange = onChange
  }

  /** By id. */
  get hunts(): ReadonlyMap<string, KnownHunt> {
    return this.#hunts
  }

  /** By name. */
  get saved(): ReadonlyMap<string, KnownHunt> {
    return this.#saved
  }

  /** Where the ranges of the runs of a saved hunt end, Unix milliseconds; without those that were cancelled. */
  rangeEndsOf(name: string): readonly number[] {
    const runs = [...this.#hunts.values()].filter(({ savedAs, status }) => savedAs === name && status !== 'cancelled')
    return runs.map((run) => planOf(run).toMs)
  }

  apply({ kind, id, author, reason, changedUs, hunt }: StateRecord): string | null {
    if (kind !== 'hunt' && kind !== 'savedHunt') return null
    const mistake = mistakeOf(kind, hunt)
    if (mistake !== null || hunt === null) {
      this.invalid++
      return mistake
    }
    const known = { ...hunt, id, author, reason, changedUs }
    const hunts = kind === 'hunt' ? this.#hunts : this.#saved
    hunts.delete(id)
    // A saved hunt that was removed.
    if (kind === 'hunt' || known.status === 'saved') hunts.set(id, known)
    this.#forget()
    this.#onChange(known)
    return null
  }

  remove(key: string): void {
    const slash = key.indexOf('/')
    const id = key.slice(slash + 1)
    if (key.startsWith('hunt/')) this.#hunts.delete(id)
    if (key.startsWith('savedHunt/')) this.#saved.delete(id)
  }

  #forget(): void {
    if (this.#hunts.size <= MOST_HUNTS) return
    for (const [id, { status }] of this.#hunts) {
      if (status === 'running' || status === 'paused') continue
      this.#hunts.delete(id)
      this.forgotten++
      return
    }
  }
}

/** What is wrong with a hunt, so that nobody runs or shows it; null for a good one. */
function mistakeOf(kind: 'hunt' | 'savedHunt', hunt: Hunt | null): string | null {
  if (hunt === null) return 'it has no hunt'
  try {
    if (kind === 'hunt') planOf(hunt)
    else savedHuntOf(hunt)
    if (hunt.account !== null) unpacked(hunt.account)
    return null
  } catch (error) {
    return `its plan can't be read: ${messageOf(error)}`
  }
}
