// The plan of a hunt: everything that a process needs to run any of its slices, as JSON. It names what is read and what is not; the same plan gives the
// same rows, wherever and in whatever order its slices run.
import { EunomiaError } from '../../../infra/process/errors.js'
import { RECORD_KINDS } from '../../../schemas/generated/calls.js'
import { COLLECTED_TYPES_OF } from '../../rule-engine/fields/record/event-type.js'
import { isUuid } from '../../membership/membership-key.js'
import { RULE_TOPICS, type RuleTopic } from '../../rule-engine/fields/rule-event.js'
import type { RuleSet } from '../../rule-engine/rule-set/rule-set.js'
import type { History, HistoryQuery, PartitionAccount, Slice } from '../history/history.js'
import { type HostAccount, readHostAccounts } from './host-accounts.js'
import { type HuntRules, loadHuntRules } from './hunt-rules.js'

/** What is wanted. */
export interface HuntRequest {
  /** Times of events in their topics, [fromMs, toMs), Unix milliseconds. */
  readonly fromMs: number
  readonly toMs: number
  readonly rules: HuntRules
  /** Ids or names of hosts; default all. */
  readonly hosts?: readonly string[]
  /** Names of containers, their ids, or the beginning of their ids; `*` matches any text; default all events. */
  readonly containers?: readonly string[]
  /** Names of images; `*` matches any text. */
  readonly images?: readonly string[]
  /** Rows of the result, and of each slice, at most; those above it are only counted. Default 10,000. */
  readonly mostRows?: number
  /** How long live detection waits for the facts of a container, milliseconds. Default 10,000. */
  readonly factsDeadlineMs?: number
  /** Where a record is read from that topic and archive have. Default the archive. */
  readonly prefer?: HistoryQuery['prefer']
}

/** A plan. */
export interface HuntPlan extends Required<Pick<HuntRequest, 'fromMs' | 'toMs' | 'rules' | 'mostRows' | 'containers' | 'images'>> {
  readonly version: 1
  readonly ruleSetHash: string
  /** In the order of the rows. */
  readonly slices: readonly Slice[]
  /** Ids of hosts; null for all. */
  readonly keys: readonly string[] | null
  /** Up to when facts of containers count: as late as live detection waits for them. */
  readonly knownMs: number
  readonly prefer: NonNullable<HistoryQuery['prefer']>
  /** What is read, skipped and gone of each partition. */
  readonly partitions: readonly PartitionAccount[]
  /** What the collectors say that they lost in that time. */
  readonly hosts: readonly HostAccount[]
  /** Heartbeats of that time that could not be read, or are gone: what they lost is not known. */
  readonly heartbeatsUnread: number
  /** Names of hosts of the request that no heartbeat of that time has. */
  readonly unknownHosts: readonly string[]
}

const DEFAULT_ROWS = 10_000
const DEFAULT_FACTS_MS = 10_000

/** None of the wanted hosts is known. */
class HostsUnknownError extends EunomiaError {
  static override readonly code = 'EUNOMIA_HUNT_FAILED'
  static override readonly isUserMistake = true
}

/** Plans a hunt. @throws HostsUnknownError; EUNOMIA_RULES_INVALID for rules with mistakes, and what the history throws */
export async function planHunt(request: HuntRequest, history: History, readHosts = readHostAccounts): Promise<HuntPlan> {
  const { fromMs, toMs, rules, factsDeadlineMs = DEFAULT_FACTS_MS, prefer = 'archive' } = request
  const { ruleSet } = loadHuntRules(rules)
  const { hosts: all, unread } = await readHosts(history, { fromMs, toMs })
  const wanted = request.hosts === undefined ? null : hostsOf(request.hosts, all)
  if (wanted?.ids.length === 0)
    throw new HostsUnknownError(`no heartbeat of that time is of ${wanted.unknown.join(', ')}: give the id of the host`)
  const keys = wanted === null ? {} : { keys: wanted.ids }
  const { topics, kinds } = readBy(ruleSet)
  const main = await history.plan({ topics, fromMs, toMs, kinds, prefer, ...keys })
  return {
    version: 1,
    ...{ fromMs, toMs, rules },
    ruleSetHash: ruleSet.hash,
    containers: request.containers ?? [],
    images: request.images ?? [],
    mostRows: request.mostRows ?? DEFAULT_ROWS,
    slices: main.slices,
    keys: wanted?.ids ?? null,
    knownMs: toMs + factsDeadlineMs,
    prefer,
    partitions: main.partitions,
    hosts: wanted === null ? all : all.filter(({ hostId }) => wanted.ids.includes(hostId)),
    heartbeatsUnread: unread,
    unknownHosts: wanted?.unknown ?? [],
  }
}

/** Topics and types of records that the rules can match. */
function readBy({ activeRules }: RuleSet): { readonly topics: readonly RuleTopic[]; readonly kinds: readonly string[] } {
  const types = new Set(activeRules.flatMap(({ eventTypes }) => eventTypes))
  const topics = RULE_TOPICS.filter((topic) => COLLECTED_TYPES_OF[topic].some((type) => types.has(type)))
  // A type that this version does not know is read as UNKNOWN.
  const kinds = topics.flatMap((topic) =>
    Object.entries(RECORD_KINDS[topic]).flatMap(([kind, of]) => (of.some((type) => types.has(type)) ? [kind] : [])),
  )
  return { topics, kinds: [...new Set([...kinds, 'UNKNOWN'])] }
}

function hostsOf(
  names: readonly string[],
  hosts: readonly HostAccount[],
): { readonly ids: readonly string[]; readonly unknown: readonly string[] } {
  const ids = new Set<string>()
  const unknown: string[] = []
  for (const name of names) {
    const found = hosts.filter(({ hostId, hostName }) => hostId === name || hostName === name)
    for (const { hostId } of found) ids.add(hostId)
    if (found.length > 0) continue
    // An id needs no heartbeat: its records are found by their key.
    if (isUuid(name)) ids.add(name)
    unknown.push(name)
  }
  return { ids: [...ids].sort(), unknown }
}
