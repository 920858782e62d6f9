// A correlator over a memory store for tests: matches of rules are passed as by detect, with alerts of sample events as evidence.
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { Metrics } from '../../../infra/process/metrics.js'
import { Correlator, type CorrelatorOptions } from '../../../processors/rule-engine/correlation/correlator.js'
import { MemoryWindowStore, type MemoryWindowOptions } from '../../../processors/rule-engine/correlation/memory-window-store.js'
import { alertOf } from '../../../processors/rule-engine/output/alert.js'
import { eventIdOf } from '../../../processors/rule-engine/correlation/correlation-alert.js'
import { observationOf, type Observation } from '../../../processors/rule-engine/correlation/group-window.js'
import { readTap } from '../../../processors/rule-engine/rule-set/tap.js'
import { RecordSource } from '../../../processors/rule-engine/fields/field-source.js'
import type { RuleEvent } from '../../../processors/rule-engine/fields/rule-event.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { ManualClock } from '../fakes/manual-clock.js'
import { sampleOrigin, sampleProcess, sampleProcessEvent } from '../records/sample-records.js'

/** Start of the events and of the clock of a test, Unix microseconds. */
export const BEGIN_US = 1_800_000_000_000_000

/** A match of a rule: which, when (seconds from the begin), by whom. */
export interface TestMatch {
  readonly rule: string
  readonly second: number
  readonly user?: string
  /** Distinguishes events; default the time. */
  readonly seq?: number
}

export class TestCorrelator {
  readonly clock = new ManualClock(BEGIN_US)
  readonly metrics = new Metrics()
  readonly store: MemoryWindowStore<Alert>
  readonly correlator: Correlator
  readonly #ruleSet: RuleSet

  constructor(ruleSet: RuleSet, options: CorrelatorOptions = {}, bounds: MemoryWindowOptions = {}) {
    this.#ruleSet = ruleSet
    this.store = new MemoryWindowStore(bounds)
    const { store, clock, metrics } = this
    this.correlator = new Correlator({ store, clock, metrics, log: SILENT_LOGGER }, options)
  }

  observationsOf({ rule: title, second, user = 'root', seq = Math.round(second * 1e6) }: TestMatch): Observation<Alert>[] {
    const rule = this.#ruleSet.rules.find(({ name }) => name === `${title} ran`)
    if (rule?.feeds === undefined) throw new TypeError(`no correlation is fed by ${title}`)
    const origin = sampleOrigin({ wallTimeUs: BEGIN_US + Math.round(second * 1e6), bootTimeUs: 1e9 + Math.round(second * 1e6), seq })
    const process = sampleProcess({ user, exePath: `/${title}`, containerId: null, containerClaim: null })
    const ruleEvent: RuleEvent = {
      event: { topic: 'process', record: sampleProcessEvent({ origin, process }) },
      container: { state: 'host' },
    }
    const moment = { timeUs: origin.wallTimeUs, tie: origin.bootTimeUs, id: eventIdOf('eunomia.process.v1', origin) }
    const alert = alertOf(ruleEvent, rule, 'hash')
    return rule.feeds.taps.map((tap) => observationOf(readTap(tap, new RecordSource(ruleEvent)), moment, alert))
  }

  /** Passes the matches as one batch that ends at its latest event. */
  async observe(...matches: TestMatch[]): Promise<void> {
    await this.correlator.add(matches.flatMap((match) => this.observationsOf(match)))
    this.correlator.reached('process', BEGIN_US + Math.max(...matches.map(({ second }) => second)) * 1e6)
  }

  /** Reports that events were evaluated up to then, and advances the clock there. */
  async until(second: number): Promise<Alert[]> {
    this.clock.advance((BEGIN_US + second * 1e6 - this.clock.nowUs()) / 1000)
    this.correlator.reached('process', BEGIN_US + second * 1e6)
    return this.advance()
  }

  async advance(): Promise<Alert[]> {
    await this.correlator.advance()
    return this.correlator.takeAlerts()
  }

  async finish(): Promise<Alert[]> {
    await this.correlator.finish()
    return this.correlator.takeAlerts()
  }

  /** A value of the metrics page. */
  async metric(name: string): Promise<number> {
    const line = (await this.metrics.text()).split('\n').find((text) => text.startsWith(`${name} `) || text.startsWith(`${name}{`))
    return Number(line?.split(' ').at(-1) ?? Number.NaN)
  }
}
