// Matches that feed correlations as JSON: they leave the process of their slice, and are correlated with those of all others at the end.
import type { Codec } from '../../../schemas/codec.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { correlationKey, type Observation } from '../../rule-engine/correlation/group-window.js'
import type { CompiledCorrelation } from '../../rule-engine/rule-set/compiled-correlation.js'
import type { RuleSet } from '../../rule-engine/rule-set/rule-set.js'
import type { TapReading } from '../../rule-engine/rule-set/tap.js'

/** What an event means to one correlation, and to those above it. */
export interface MatchReading {
  /** `correlationKey` */
  readonly correlation: string
  readonly member: number
  readonly group: readonly (string | null)[]
  readonly value: string | null
  readonly above: readonly MatchReading[]
}

/** A match. */
export interface HuntMatch extends MatchReading, Pick<Observation<unknown>, 'timeUs' | 'tie' | 'id'> {
  /** The alert of the rule and the event in wire format, base64. */
  readonly alert: string
}

/** Identity of a match: an event counts once for a member of a correlation. */
export function matchKey({ correlation, member, id }: Pick<HuntMatch, 'correlation' | 'member' | 'id'>): string {
  return `${correlation} ${String(member)} ${id}`
}

export function matchOf(observation: Observation<Alert>, codec: Codec): HuntMatch {
  const { correlation, member, group, value, timeUs, tie, id, above, evidence } = observation
  const alert = Buffer.from(codec.encode('alerts', evidence)).toString('base64')
  return { correlation: correlationKey(correlation), member, group, value, timeUs, tie, id, above: above.map(readingOf), alert }
}

function readingOf({ tap, group, value, above }: TapReading): MatchReading {
  return { correlation: correlationKey(tap.correlation), member: tap.member, group, value, above: above.map(readingOf) }
}

/** Observations of the correlations of a rule set again. */
export class MatchReader {
  readonly #correlations: ReadonlyMap<string, CompiledCorrelation>
  readonly #codec: Codec

  constructor({ correlations }: RuleSet, codec: Codec) {
    this.#correlations = new Map(correlations.map((one) => [correlationKey(one), one]))
    this.#codec = codec
  }

  /** @returns null for a correlation that the rule set does not have */
  observation(match: HuntMatch): Observation<Alert> | null {
    const correlation = this.#correlations.get(match.correlation)
    if (correlation === undefined) return null
    const { member, group, value, timeUs, tie, id } = match
    const evidence = this.#codec.decode('alerts', Buffer.from(match.alert, 'base64'))
    return { correlation, member, group, value, timeUs, tie, id, above: this.#above(match), evidence }
  }

  #above({ above }: MatchReading): TapReading[] {
    return above.flatMap((reading) => {
      const correlation = this.#correlations.get(reading.correlation)
      if (correlation === undefined) return []
      const { member, group, value } = reading
      return [{ tap: { correlation, member, group: [], values: [], above: [] }, group, value, above: this.#above(reading) }]
    })
  }
}
