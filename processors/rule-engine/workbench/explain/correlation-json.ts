// What makes a correlation, and what a rule does for correlations: as data, and in a sentence.
import type { CompiledCorrelation } from '../../rule-set/compiled-correlation.js'
import type { Feeds, Tap } from '../../rule-set/tap.js'

/** The parts of a correlation by the names that its file has for them. */
export function correlationJson(correlation: CompiledCorrelation): object {
  const { type, members, groupBy, timespan, thresholds, valueFields, percentile, aliases, isGenerating, isSilent, verdictAt } = correlation
  return {
    type,
    rules: members,
    groupBy,
    timespan: timespan.text,
    condition: {
      ...Object.fromEntries(thresholds.map(({ operator, value }) => [operator, value])),
      ...(valueFields.length === 0 ? {} : { field: valueFields }),
      ...(percentile === null ? {} : { percentile }),
    },
    aliases: Object.fromEntries([...aliases].map(([alias, fields]) => [alias, Object.fromEntries(fields)])),
    generate: isGenerating,
    speaks: !isSilent,
    judgedAt: verdictAt,
  }
}

/** Correlations that the matches of a rule feed, and whether it alerts besides. */
export function feedsJson({ taps, isSilent }: Feeds): object {
  return { correlations: taps.map(({ correlation }) => correlation.id), speaks: !isSilent }
}

/** `'Many failed logins', and gives no alert of its own` */
export function feedsText({ taps, isSilent }: Feeds): string {
  const names = taps.map(wayText).join(', ')
  return `${names === '' ? 'no correlation that is on' : names}${isSilent ? '; gives no alert of its own' : '; alerts besides'}`
}

function wayText({ correlation, above }: Tap): string {
  return above.length === 0 ? `'${correlation.name}'` : `'${correlation.name}' (which feeds ${above.map(wayText).join(', ')})`
}
