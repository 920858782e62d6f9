// Judges single events before they are written to the log of the same process: no rule can match most of them, and their bytes say so. What is left is
// judged by detect. Follows the rules in force; knows nothing of where the events come from.
import type { Codec } from '../../../schemas/codec.js'
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import { ContainerLookup } from '../../membership/container-lookup.js'
import type { Membership } from '../../membership/membership.js'
import { cgroupKey, type HostBoot } from '../../membership/membership-key.js'
import { fieldsOf } from '../../rule-engine/compile/bound-tree.js'
import { RecordScanners } from '../../rule-engine/compiled/record-scanners.js'
import type { Evaluator } from '../../rule-engine/evaluate/evaluator.js'
import type { ScannedRecord } from '../../rule-engine/fields/bytes/scanned-record.js'
import type { RuleTopic } from '../../rule-engine/fields/rule-event.js'
import type { RulesProvider } from '../../rule-engine/load/rules-in-force.js'
import { KnownContainers } from './known-containers.js'

/** Screens events of any host. */
export class RuleScreen {
  readonly #rules: RulesProvider
  readonly #membership: Membership
  readonly #scanners: RecordScanners
  readonly #containers = new KnownContainers()
  readonly #lookup: ContainerLookup
  #judge: { readonly evaluator: Evaluator; readonly isTimeless: boolean } | null = null

  /** @param membership that of detect @param codec of the events */
  constructor(codec: Codec, rules: RulesProvider, membership: Membership) {
    this.#rules = rules
    this.#membership = membership
    this.#scanners = new RecordScanners(codec)
    this.#lookup = new ContainerLookup(membership)
  }

  readonly #find = (origin: HostBoot, containerId: string): ContainerFacts | null => this.#lookup.cachedFacts(origin, containerId)
  readonly #factsOf = (record: ScannedRecord): ContainerFacts | null => this.#containers.factsOf(record, this.#find)

  /** Types of events that rules in force may match; another set after a reload. */
  get eventTypes(): ReadonlySet<string> {
    return this.#rules.current().eventTypes
  }

  /** By what events of these types are judged; null if a verdict may depend on when one happened, on its number, or on its CPU. */
  judgeOf(types: readonly string[]): object | null {
    const evaluator = this.#rules.current()
    if (evaluator !== this.#judge?.evaluator) this.#judge = { evaluator, isTimeless: isTimeless(evaluator, types) }
    return this.#judge.isTimeless ? evaluator : null
  }

  /** An event was excluded as an equal one was before. */
  excludedAgain(): void {
    this.#rules.current().statistics?.saw()
  }

  /** Whether the function `membership` would learn the container of a cgroup, or of a process in it. @param cgroupId decimal */
  isPlaceNew(origin: HostBoot, containerId: string, cgroupId: string): boolean {
    return this.#membership.cached(cgroupKey(origin, cgroupId)) !== containerId
  }

  /** Whether a rule may match the event with the value bytes[0, end), or its bytes do not say. */
  mayMatch(topic: RuleTopic, bytes: Uint8Array, end: number): boolean {
    const evaluator = this.#rules.current()
    if (evaluator.excludes === undefined) return true
    const record = this.#scanners.of(topic).scan(bytes, 0, end)
    return record === null || !evaluator.excludes(topic, record, this.#factsOf)
  }
}

/** What differs between events that are otherwise equal. */
const OF_THE_MOMENT: readonly string[] = ['Origin.cpu', 'Origin.seq', 'Origin.bootTimeUs', 'Origin.wallTimeUs']

/** No rule about events of these types reads anything of the moment. */
function isTimeless({ statistics, excludes }: Evaluator, types: readonly string[]): boolean {
  if (statistics === undefined || excludes === undefined) return false
  return statistics.rules
    .filter(({ eventTypes }) => eventTypes.some((type) => types.includes(type)))
    .flatMap(({ condition, scope }) => [...fieldsOf(condition), ...(scope === null ? [] : fieldsOf(scope))])
    .every(({ definition: { source } }) => source.length > 0 && !source.some((read) => OF_THE_MOMENT.includes(read)))
}
