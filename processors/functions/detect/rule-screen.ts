// Judges single events before they are written to the log of the same process: no rule can match most of them, and their bytes say so. What is left is
// judged by detect. Follows the rules in force; knows nothing of where the events come from.
import type { Codec } from '../../../schemas/codec.js'
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import { ContainerLookup } from '../../membership/container-lookup.js'
import type { Membership } from '../../membership/membership.js'
import { cgroupKey, type HostBoot } from '../../membership/membership-key.js'
import { RecordScanners } from '../../rule-engine/compiled/record-scanners.js'
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
