// Runs slices of a hunt: the function `detect`, as it runs live, over the records of the past. What live detection would wait for is decided at once, with
// everything that became known. The rows of a slice are in order of offset and rule.
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { Metrics } from '../../../infra/process/metrics.js'
import { ListedBatch } from '../../../infra/topic-log/listed-batch.js'
import type { RecordBatch } from '../../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { type Clock, SYSTEM_CLOCK } from '../../../infra/waiting/clock.js'
import type { Codec } from '../../../schemas/codec.js'
import type { Alert, PendingEvent } from '../../../schemas/generated/types.js'
import type { EventBatch, FunctionContext, HandledFunction } from '../../function.js'
import { detectFunction } from '../../functions/detect/detect.js'
import type { CorrelationSink } from '../../functions/detect/match-feed.js'
import { fixedRules } from '../../rule-engine/load/rules-in-force.js'
import type { Observation } from '../../rule-engine/correlation/group-window.js'
import { FunctionRunner } from '../../runtime/function-runner.js'
import type { DamagedRecords, History, Slice } from '../history/history.js'
import { type AlertTest, alertTestOf } from './alert-test.js'
import { type HuntMatch, matchKey, matchOf } from './hunt-match.js'
import type { HuntPlan } from './hunt-plan.js'
import { loadHuntRules } from './hunt-rules.js'
import { PastMembership } from './past-membership.js'
import { pushedDown } from '../push-down/pushed-down.js'
import { RULE_TOPICS } from '../../rule-engine/fields/rule-event.js'

/** What a slice gave, besides its rows. */
export interface SliceAccount {
  /** Records that were evaluated. */
  readonly records: number
  /** Alerts, with those beyond the bound of rows. */
  readonly alerts: number
  /** Records that could not be evaluated: their bytes are no event, or the event names another host than its key. */
  readonly unreadable: number
  /** What could not be read, at most some; `damagedRecords` has the number of all. */
  readonly damaged: readonly DamagedRecords[]
  readonly damagedRecords: number
  /** Container and process events that could not be read or are gone, and what of them had no room: what they say of containers is not known. */
  readonly factsDamaged: number
  /** Matches that feed correlations. */
  readonly matches: readonly HuntMatch[]
  /** Matches beyond the bound: correlations do not have them. */
  readonly matchesLost: number
}

/** The result of a slice. */
export interface SliceResult {
  /** Alerts in wire format, in order of offset and rule. */
  readonly alerts: readonly Uint8Array[]
  readonly account: SliceAccount
}

/** What runs slices needs. */
export interface SliceDeps {
  readonly history: History
  readonly codec: Codec
}

const MOST_DAMAGED = 20
const MOST_MATCHES = 50_000

/** Runs slices of one plan, one at a time. */
export class SliceRunner {
  readonly #plan: HuntPlan
  readonly #deps: SliceDeps
  readonly #membership: PastMembership
  readonly #metrics = new Metrics()
  readonly #detect: HandledFunction
  readonly #events: FunctionRunner
  readonly #test: AlertTest
  /** By topic: SQL over the columns of the archive that is true for each record that a rule may match. */
  readonly #where: Readonly<Partial<Record<TopicKey, string>>>
  #caught = new Caught()
  #loaded: Promise<void> | undefined
  /** Records that were evaluated, of all slices: for the progress. */
  records = 0

  constructor(plan: HuntPlan, deps: SliceDeps) {
    this.#plan = plan
    this.#deps = deps
    this.#membership = new PastMembership(plan, deps.history, deps.codec)
    this.#test = alertTestOf(plan)
    const { ruleSet, evaluator } = loadHuntRules(plan.rules)
    this.#where = pushedDown(ruleSet, RULE_TOPICS)
    const rules = fixedRules(evaluator)
    const correlations: CorrelationSink = {
      add: (observations) => this.#caught.observe(observations),
      reached: () => undefined,
      hold: () => undefined,
      release: () => undefined,
    }
    this.#detect = detectFunction({ codec: deps.codec, rules, pending: { isEnding: true }, correlations })
    this.#events = this.#runner()
  }

  /** Runs a slice. @throws the reason of the signal, and what the history throws */
  async run(slice: Slice, signal: AbortSignal): Promise<SliceResult> {
    await (this.#loaded ??= this.#load(signal))
    const where = this.#where[slice.topic]
    const rows = new SliceRows(this.#plan, this.#deps.codec, this.#test)
    const onDamaged = (damaged: DamagedRecords): void => rows.damage(damaged)
    for await (const batch of this.#deps.history.read(slice, { signal, onDamaged, ...(where !== undefined && { where }) })) {
      await this.#evaluate(batch, rows, signal)
      this.records += batch.length
      signal.throwIfAborted()
    }
    return rows.result(this.#membership.unread)
  }

  /** A failure is not kept: the next attempt loads again. */
  async #load(signal: AbortSignal): Promise<void> {
    try {
      await this.#membership.load(signal)
    } catch (error) {
      this.#loaded = undefined
      throw error
    }
  }

  async #evaluate(batch: RecordBatch, rows: SliceRows, signal: AbortSignal): Promise<void> {
    const caught = (this.#caught = new Caught())
    const outputs = await this.#events.handleWhole(batch, signal)
    rows.count(batch.length, outputs.filter(({ topic }) => topic === 'deadletter').length)
    if (caught.pending.length === 0) return rows.take(caught)
    const decided = (this.#caught = new Caught())
    await this.#decide(caught.pending, signal)
    rows.take(caught, decided)
  }

  /** What waits for facts: everything that became known is known. */
  async #decide(waiting: readonly Emitted<PendingEvent>[], signal: AbortSignal): Promise<void> {
    const { codec } = this.#deps
    await this.#membership.loadProcesses([...new Set(waiting.map(({ record }) => record.origin.hostId))], signal)
    const records = waiting.map(({ record, offset }) => ({
      ...{ offset, timestampMs: 0 },
      key: Buffer.from(record.origin.hostId),
      value: codec.encode('pending', record),
    }))
    await this.#runner().handleWhole(new ListedBatch('pending', 0, records), signal)
  }

  #runner(): FunctionRunner {
    const { codec } = this.#deps
    const clock: Clock = { ...SYSTEM_CLOCK, nowUs: () => this.#plan.toMs * 1_000 }
    const definition: HandledFunction = { ...this.#detect, handle: (batch, context) => this.#handle(batch, context) }
    const deps = { codec, membership: this.#membership.read(), log: SILENT_LOGGER, metrics: this.#metrics, clock }
    return new FunctionRunner(definition, deps, {})
  }

  /** Keeps what it emits with the offset of the record that it belongs to. After a failure, records are handled again. */
  async #handle(batch: EventBatch, context: FunctionContext): Promise<void> {
    const caught = this.#caught
    if (batch.next()) caught.restartAt(batch.offset)
    batch.rewind()
    const emit = (topic: TopicKey, _key: string, record: unknown): void => {
      if (topic === 'alerts') caught.alerts.push({ offset: batch.offset, record: record as Alert })
      if (topic === 'pending') caught.pending.push({ offset: batch.offset, record: record as PendingEvent })
    }
    await this.#detect.handle(batch, { ...context, emit })
  }
}

interface Emitted<Record> {
  readonly offset: number
  readonly record: Record
}

/** What one batch emitted. */
class Caught {
  alerts: Emitted<Alert>[] = []
  pending: Emitted<PendingEvent>[] = []
  readonly observations: Observation<Alert>[] = []

  /** Records from this offset on are handled, perhaps once more. */
  restartAt(offset: number): void {
    this.alerts = this.alerts.filter((each) => each.offset < offset)
    this.pending = this.pending.filter((each) => each.offset < offset)
  }

  observe(observations: readonly Observation<Alert>[]): Promise<void> {
    for (const observation of observations) this.observations.push(observation)
    return Promise.resolve()
  }
}

/** The rows of a slice, and its account. */
class SliceRows {
  readonly #plan: HuntPlan
  readonly #codec: Codec
  readonly #test: AlertTest
  readonly #alerts: Uint8Array[] = []
  readonly #damaged: DamagedRecords[] = []
  readonly #matches = new Map<string, HuntMatch>()
  #count = { records: 0, alerts: 0, unreadable: 0, damagedRecords: 0, matchesLost: 0 }

  constructor(plan: HuntPlan, codec: Codec, test: AlertTest) {
    this.#plan = plan
    this.#codec = codec
    this.#test = test
  }

  count(records: number, unreadable: number): void {
    this.#count.records += records
    this.#count.unreadable += unreadable
  }

  damage(damaged: DamagedRecords): void {
    this.#count.damagedRecords += damaged.offsets[1] - damaged.offsets[0]
    if (this.#damaged.length < MOST_DAMAGED) this.#damaged.push(damaged)
  }

  take(...caught: readonly Caught[]): void {
    const alerts = caught.flatMap((each) => each.alerts).sort((a, b) => a.offset - b.offset)
    for (const { record } of alerts) {
      if (!this.#test(record)) continue
      this.#count.alerts++
      if (this.#alerts.length < this.#plan.mostRows) this.#alerts.push(this.#codec.encode('alerts', record))
    }
    for (const observation of caught.flatMap((each) => each.observations)) {
      if (!this.#test(observation.evidence)) continue
      const match = matchOf(observation, this.#codec)
      const key = matchKey(match)
      if (this.#matches.size < MOST_MATCHES || this.#matches.has(key)) this.#matches.set(key, match)
      else this.#count.matchesLost++
    }
  }

  result(factsDamaged: number): SliceResult {
    const matches = [...this.#matches.values()]
    return { alerts: this.#alerts, account: { ...this.#count, factsDamaged, damaged: this.#damaged, matches } }
  }
}
