// The hunts of eunomia.state.v1, as a view: those that run, were run, and are saved. Plans and accounts are JSON in gzip.
import { gunzipSync, gzipSync } from 'node:zlib'
import { messageOf } from '../../../infra/process/errors.js'
import type { Hunt, StateRecord } from '../../../schemas/generated/types.js'
import type { StateView } from '../../state/state-topic.js'

/** Hunts that are known at once; of those that have ended the latest ones. */
export const MOST_HUNTS = 1_000
/** A plan or an account, unpacked. A record of the topic has at most a megabyte. */
const MOST_PLAN_BYTES = 64 * 1024 * 1024

/** A hunt, and who started it. */
export interface KnownHunt extends Omit<Hunt, 'plan' | 'account'> {
  readonly id: string
  readonly author: string
  readonly reason: string
  readonly changedUs: number
  readonly plan: unknown
  readonly account: unknown
}

/** What a hunt has in the state: JSON in gzip. */
export function packed(value: unknown): Uint8Array {
  return gzipSync(JSON.stringify(value))
}

/** @throws Error for what is no JSON in gzip, or too large */
export function unpacked(bytes: Uint8Array): unknown {
  return JSON.parse(gunzipSync(bytes, { maxOutputLength: MOST_PLAN_BYTES }).toString())
}

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

  apply(record: StateRecord): string | null {
    const { kind, id, hunt } = record
    if (kind !== 'hunt' && kind !== 'savedHunt') return null
    const known = knownHunt(record, hunt)
    if (typeof known === 'string') {
      this.invalid++
      return known
    }
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

function knownHunt({ id, author, reason, changedUs }: StateRecord, hunt: Hunt | null): KnownHunt | string {
  if (hunt === null) return 'it has no hunt'
  try {
    const account = hunt.account === null ? null : unpacked(hunt.account)
    return { ...hunt, id, author, reason, changedUs, plan: unpacked(hunt.plan), account }
  } catch (error) {
    return `its plan can't be read: ${messageOf(error)}`
  }
}
