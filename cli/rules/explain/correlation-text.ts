// One correlation for people and as data: what feeds it, how it groups and counts, when it is judged, why it can't be.
import { printable } from '../../../infra/text/printable.js'
import type { CompiledCorrelation } from '../../../processors/rule-engine/rule-set/compiled-correlation.js'
import { thresholdsText } from '../../../processors/rule-engine/rule-set/compiled-correlation.js'
import { priorityName } from '../../../processors/rule-engine/rule-set/priority.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'
import { attackTags } from '../../../processors/rule-engine/workbench/explain/attack-tags.js'
import { correlationJson } from '../../../processors/rule-engine/workbench/explain/correlation-json.js'
import { type Colors, wrap } from '../../terminal/terminal-text.js'

const TITLE_WIDTH = 12

/** One JSON object of the correlation. */
export function correlationExplanation(correlation: CompiledCorrelation): object {
  const { id, name, language, source, priority, level, author, references, isEnabled, version, tags, desc, place, unavailable } =
    correlation
  return {
    id,
    name,
    language,
    source,
    priority: priorityName(priority),
    level,
    author,
    references,
    enabled: isEnabled,
    version,
    tags,
    attack: attackTags(tags),
    desc,
    place,
    canFire: isEnabled && unavailable.length === 0,
    unavailable,
    condition: correlation.conditionText,
    output: correlation.outputText,
    correlation: correlationJson(correlation),
  }
}

/** A correlation for people: what feeds it, how it groups and counts, when it fires. */
export function correlationText(
  correlation: CompiledCorrelation,
  ruleSet: Pick<RuleSet, 'rules' | 'correlations'>,
  { width, colors }: { readonly width: number; readonly colors: Colors },
): string {
  const lines: string[] = [colors.bold(printable(correlation.name))]
  const add = (title: string, text: string): void => {
    const [first = '', ...rest] = wrap(printable(text.trim().replace(/\s+/g, ' ')), width - TITLE_WIDTH - 1)
    lines.push(
      `${colors.dim(title.padEnd(TITLE_WIDTH))} ${first}`.trimEnd(),
      ...rest.map((line) => `${' '.repeat(TITLE_WIDTH + 1)}${line}`),
    )
  }
  const { priority, level, id, author, references, tags, place, version, isEnabled, unavailable, isSilent } = correlation
  if (correlation.desc !== '') add('what', correlation.desc)
  add('priority', level === null ? priorityName(priority) : `${priorityName(priority)} (level ${level})`)
  add('id', id)
  if (author !== null) add('author', author)
  for (const reference of references) add('reference', reference)
  if (tags.length > 0) add('tags', tags.join(', '))
  add('from', `${place.file}:${String(place.line)}`)
  add('version', version)
  add('state', `${isEnabled ? 'on' : 'off'}${isSilent ? ', and only feeds other correlations' : ''}`)
  for (const reason of unavailable) add("can't fire", reason)
  if (unavailable.length === 0) add('can fire', isEnabled ? 'yes' : 'once it is on')
  add('output', correlation.outputText)
  addCorrelation(correlation, ruleSet, add)
  return `${lines.join('\n')}\n`
}

function addCorrelation(
  correlation: CompiledCorrelation,
  ruleSet: Pick<RuleSet, 'rules' | 'correlations'>,
  add: (title: string, text: string) => void,
): void {
  const { type, members, groupBy, valueFields, percentile, thresholds, timespan, aliases, verdictAt } = correlation
  add('type', type)
  for (const [index, { id, title, kind }] of members.entries()) {
    const member = [...ruleSet.rules, ...ruleSet.correlations].find((one) => one.id === id)
    const reason = member?.unavailable[0]
    add(
      type === 'temporal_ordered' ? `rule ${String(index + 1)}` : kind,
      `${title}${reason === undefined ? '' : ` - can't fire: ${reason}`}`,
    )
  }
  add('group by', groupBy.length === 0 ? 'nothing: all events together' : groupBy.join(', '))
  for (const [alias, fields] of aliases) {
    const parts = [...fields].map(([id, field]) => `${field} of '${members.find((member) => member.id === id)?.title ?? id}'`)
    add('alias', `${alias}: ${parts.join(', ')}`)
  }
  if (valueFields.length > 0) add('values', `${valueFields.join(' + ')}${percentile === null ? '' : `, percentile ${String(percentile)}`}`)
  add('condition', thresholdsText(thresholds))
  add('timespan', timespan.text)
  const atOnce = 'with the event that passes the condition; once for a group within the timespan'
  add('fires', verdictAt === 'crossing' ? atOnce : 'when the timespan from the first event of a group on is over')
}
