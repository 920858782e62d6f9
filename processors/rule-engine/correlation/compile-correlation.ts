// Compiles a correlation, given the rules that it names.
import { conditionTextOf } from './correlation-alert.js'
import { MAX_OBSERVATIONS } from './group-window.js'
import { ItemError } from '../read/load-report.js'
import {
  leastCount,
  verdictTime,
  type CompiledCorrelation,
  type CorrelationMember,
  type Threshold,
} from '../rule-set/compiled-correlation.js'
import { versionOf } from '../rule-set/rule-head.js'
import { priorityOf, type CorrelationDocument, type RuleReference, type SigmaCorrelation } from '../sigma/read/sigma-document.js'

/** A rule or correlation that feeds another one. */
export interface FoundMember extends CorrelationMember {
  readonly version: string
  /** The names by which correlations can refer to it. */
  readonly calls: readonly string[]
  /** -1 for a rule. */
  readonly depth: number
}

/** Properties that depend on all correlations: see settle-correlations.ts. */
type Unsettled = 'isSilent' | 'isMuted' | 'unavailable'

/**
 * @param members in the order of the document
 * @throws ItemError for an alias of a rule that is not a member
 */
export function compileCorrelation(
  { metadata, correlation }: CorrelationDocument,
  members: readonly FoundMember[],
): Omit<CompiledCorrelation, Unsettled> {
  const { title, id, description, level, author, references, tags, place } = metadata
  const { type, groupBy, timespan, valueFields, percentile, isGenerating } = correlation
  const thresholds = thresholdsOf(correlation, members.length)
  const plain = { type, members: members.map(memberOf), groupBy, valueFields, percentile, timespan, thresholds }
  const aliases = aliasesOf(correlation, members, title)
  const conditionText = conditionTextOf(plain)
  const priority = priorityOf(level)
  const identity = [...aliases].map(([alias, fields]) => [alias, ...[...fields].flat()].join('\u0000'))
  const versions = members.map((member) => `${member.id}\u0000${member.version}`)
  return {
    ...plain,
    id,
    name: title,
    version: versionOf([id, title, priority, conditionText, ...versions, '', ...groupBy, '', ...valueFields, '', ...identity, '', ...tags]),
    language: 'sigma',
    source: 'correlation',
    priority,
    level,
    tags,
    author,
    references,
    desc: description.trim(),
    conditionText,
    outputText: `${title}: %count in ${timespan.text}${groupBy.length === 0 ? '' : ` (${groupBy.map((name) => `${name}=%${name}`).join(', ')})`}`,
    isEnabled: true,
    place,
    aliases,
    isGenerating,
    depth: Math.max(...members.map(({ depth }) => depth)) + 1,
    verdictAt: verdictTime(type, thresholds),
  }
}

/** Why a correlation can't be evaluated here, whatever feeds it. */
export function ownObstacles({ type, percentile, thresholds, verdictAt, members }: Omit<CompiledCorrelation, Unsettled>): string[] {
  const obstacles: string[] = []
  if (type === 'value_percentile' && percentile === null) obstacles.push("its condition does not say which percentile: 'percentile: 95'")
  const least = leastCount(thresholds)
  const isCounting = type === 'event_count' || type === 'value_count'
  if (isCounting && verdictAt === 'crossing' && least > MAX_OBSERVATIONS) {
    obstacles.push(`it requires ${String(least)}, and at most ${String(MAX_OBSERVATIONS)} are stored for a group`)
  }
  const isTemporal = type === 'temporal' || type === 'temporal_ordered'
  if (isTemporal && verdictAt === 'crossing' && least > members.length) {
    obstacles.push(`it asks for ${String(least)} different rules and names ${String(members.length)}`)
  }
  return obstacles
}

function memberOf({ id, title, kind }: FoundMember): CorrelationMember {
  return { id, title, kind }
}

/** A temporal correlation without a condition requires all its rules. */
function thresholdsOf({ thresholds }: SigmaCorrelation, members: number): readonly Threshold[] {
  return thresholds.length > 0 ? thresholds : [{ operator: 'gte', value: members }]
}

function aliasesOf(correlation: SigmaCorrelation, members: readonly FoundMember[], title: string): CompiledCorrelation['aliases'] {
  const aliases = new Map<string, ReadonlyMap<string, string>>()
  for (const [alias, fields] of correlation.aliases) {
    const byMember = [...fields].map(([rule, { field, place }]): [string, string] => {
      const member = members.find(({ calls }) => calls.includes(rule)) ?? strange(alias, { text: rule, place }, members, title)
      return [member.id, field]
    })
    aliases.set(alias, new Map(byMember))
  }
  return aliases
}

function strange(alias: string, { text, place }: RuleReference, members: readonly FoundMember[], title: string): never {
  const known = members.map(({ calls }) => calls[0] ?? '').join(', ')
  throw new ItemError('LOAD_ERR_VALIDATE', `alias '${alias}' is of rule '${text}', which is none of its rules: ${known}`, title, place)
}
