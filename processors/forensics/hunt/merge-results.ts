// The results of slices, in any order, to the rows of the hunt in theirs: by topic, partition, offset and rule, and then the correlations by time. An alert
// that comes twice, because its record was sent twice, counts where its offset is lowest.
import { createHash } from 'node:crypto'
import type { Codec } from '../../../schemas/codec.js'
import { correlationAlert } from '../../rule-engine/correlation/correlation-alert.js'
import { correlateSequence } from '../../rule-engine/correlation/event-sequence.js'
import type { RuleSet } from '../../rule-engine/rule-set/rule-set.js'
import { type HuntMatch, matchKey, MatchReader } from './hunt-match.js'
import type { HuntPlan } from './hunt-plan.js'
import type { DamagedRecords, Slice } from '../history/history.js'
import type { SliceResult } from './run-slice.js'

/** A slice, or a part of it, that gave nothing, and why. */
export interface FailedSlice extends Pick<Slice, 'topic' | 'partition' | 'object'>, DamagedRecords {}

/** How a hunt ended. */
export interface HuntResult {
  /** Rows of the result. */
  readonly rows: number
  /** Alerts, with those beyond the bound of rows; of correlations, too. */
  readonly alerts: number
  /** Alerts that were left out because their record was there twice. */
  readonly repeated: number
  /** SHA-256 over the rows: of each, its length as four bytes and its bytes in wire format. */
  readonly sha256: string
  /** Records that were evaluated. */
  readonly records: number
  readonly unreadable: number
  readonly failed: readonly FailedSlice[]
  /** Records that could not be read. */
  readonly failedRecords: number
  /** Offsets of container and process events that could not be read: what they say of containers is not known. */
  readonly factsDamaged: number
  /** Records of objects that their columns left out: no rule matches them. */
  readonly leftOut: number
  /** Matches that correlations do not have, because there were too many. */
  readonly matchesLost: number
  /** Slices that were not run. */
  readonly slicesLeft: number
}

/** What it needs. */
export interface MergeDeps {
  readonly ruleSet: RuleSet
  readonly codec: Codec
  /** Gets each row in order: an alert in wire format. */
  readonly onRow: (alert: Uint8Array) => void
}

const MOST_MATCHES = 500_000
const MOST_FAILED = 100

/** Merges the results of one plan. */
export class HuntMerge {
  readonly #plan: HuntPlan
  readonly #deps: MergeDeps
  readonly #hash = createHash('sha256')
  readonly #waiting = new Map<number, SliceResult | null>()
  readonly #seen = new Set<string>()
  readonly #matches = new Map<string, HuntMatch>()
  readonly #failed: FailedSlice[] = []
  readonly #alertId
  #next = 0
  #count = { rows: 0, alerts: 0, repeated: 0, records: 0, unreadable: 0, failedRecords: 0, factsDamaged: 0, leftOut: 0, matchesLost: 0 }

  constructor(plan: HuntPlan, deps: MergeDeps) {
    this.#plan = plan
    this.#deps = deps
    this.#alertId = deps.codec.projection('alerts', ['alertId'])
  }

  /** Index of the first slice whose result is not there: those far after it should not run yet. */
  get next(): number {
    return this.#next
  }

  /** @param index of the slice in the plan */
  add(index: number, result: SliceResult): void {
    this.#put(index, result)
  }

  /** The slice gave nothing, however often it was tried. */
  fail(index: number, reason: string): void {
    const slice = this.#plan.slices[index]
    if (slice !== undefined) this.#lose(slice, { offsets: [slice.from, slice.to], reason })
    this.#put(index, null)
  }

  /** Correlates the matches, and ends. Slices without a result are left out. */
  finish(): HuntResult {
    const slicesLeft = this.#plan.slices.length - this.#next - this.#waiting.size
    for (const [index, result] of [...this.#waiting].sort(([a], [b]) => a - b)) this.#take(index, result)
    this.#waiting.clear()
    for (const alert of this.#correlated()) this.#row(alert)
    return { ...this.#count, failed: this.#failed, sha256: this.#hash.digest('hex'), slicesLeft }
  }

  #put(index: number, result: SliceResult | null): void {
    this.#waiting.set(index, result)
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next)
      this.#take(this.#next++, next)
    }
  }

  #take(index: number, result: SliceResult | null): void {
    const slice = this.#plan.slices[index]
    if (result === null || slice === undefined) return
    const { alerts, account } = result
    for (const alert of alerts) this.#row(alert)
    this.#count.alerts += account.alerts - alerts.length
    this.#count.records += account.records
    this.#count.unreadable += account.unreadable
    if (slice.object !== null) {
      this.#count.leftOut += Math.max(0, (slice.records ?? 0) - account.records - account.damagedRecords)
    }
    this.#count.matchesLost += account.matchesLost
    this.#count.failedRecords += account.damagedRecords
    // Each worker reads the same.
    this.#count.factsDamaged = Math.max(this.#count.factsDamaged, account.factsDamaged)
    for (const damaged of account.damaged) this.#name(slice, damaged)
    for (const match of account.matches) {
      const key = matchKey(match)
      if (this.#matches.has(key)) continue
      if (this.#matches.size < MOST_MATCHES) this.#matches.set(key, match)
      else this.#count.matchesLost++
    }
  }

  #row(alert: Uint8Array): void {
    const { alertId } = this.#alertId(alert, 0, alert.length)
    if (this.#seen.has(alertId)) {
      this.#count.repeated++
      return
    }
    this.#count.alerts++
    if (this.#count.rows >= this.#plan.mostRows) return
    this.#seen.add(alertId)
    this.#count.rows++
    const length = Buffer.alloc(4)
    length.writeUInt32BE(alert.length)
    this.#hash.update(length).update(alert)
    this.#deps.onRow(alert)
  }

  /** A window that is not over at the end of the range has no verdict yet. */
  *#correlated(): Generator<Uint8Array> {
    const { ruleSet, codec } = this.#deps
    const reader = new MatchReader(ruleSet, codec)
    const observations = [...this.#matches.values()].map((match) => reader.observation(match)).filter((each) => each !== null)
    for (const firing of correlateSequence(observations)) {
      if (firing.correlation.isSilent || firing.atUs >= this.#plan.toMs * 1_000) continue
      yield codec.encode('alerts', correlationAlert(firing))
    }
  }

  #lose(slice: Slice, damaged: DamagedRecords): void {
    this.#count.failedRecords += damaged.offsets[1] - damaged.offsets[0]
    this.#name(slice, damaged)
  }

  #name({ topic, partition, object }: Slice, damaged: DamagedRecords): void {
    if (this.#failed.length < MOST_FAILED) this.#failed.push({ topic, partition, object, ...damaged })
  }
}
