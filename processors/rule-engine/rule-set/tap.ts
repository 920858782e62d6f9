// What a match of a rule passes to correlations: the correlations that the rule feeds, with the fields that they group by and count, under the
// names of the rule's own log source.
import type { FieldSource } from '../fields/field-source.js'
import type { ResolvedField } from '../fields/catalogue.js'
import { familyOf } from '../fields/field-type.js'
import { UNKNOWN, type ScalarValue } from '../fields/field-value.js'
import { addressText } from '../text/addresses.js'
import { fromByteText } from '../text/byte-text.js'
import type { CompiledCorrelation } from './compiled-correlation.js'

/** One connection from a rule to a correlation. */
export interface Tap {
  readonly correlation: CompiledCorrelation
  /** Which of its members the rule, or the correlation below, is. */
  readonly member: number
  /** In the order of the correlation's `groupBy`. */
  readonly group: readonly ResolvedField[]
  /** In the order of its `valueFields`. */
  readonly values: readonly ResolvedField[]
  /** Correlations that it feeds in turn. They read the event that completed it. */
  readonly above: readonly Tap[]
}

/** What correlations do to a rule that they name. */
export interface Feeds {
  readonly taps: readonly Tap[]
  /** The rule only feeds correlations and creates no alert of its own. */
  readonly isSilent: boolean
  /** Below the minimum priority: the rule stays silent even if it feeds no correlation anymore. */
  readonly isMuted: boolean
}

/** What one event means to one correlation. */
export interface TapReading {
  readonly tap: Tap
  /** Value of each group field; null if the event has none. Cut, see {@link readTap}. */
  readonly group: readonly (string | null)[]
  /** The values that are counted or calculated with; null if the event lacks one of them. */
  readonly value: string | null
  readonly above: readonly TapReading[]
}

/** Maximum length of a group or value text, characters: the rest of a longer text is ignored. */
const MAX_TEXT = 4096
/** Between the values of several fields that are counted together. */
const SEPARATOR = '\u0000'

/** Reads the fields of a tap, and of all taps above it, from the matching event. */
export function readTap(tap: Tap, source: FieldSource): TapReading {
  const values = tap.values.map((field) => textOf(field, source))
  return {
    tap,
    group: tap.group.map((field) => textOf(field, source)),
    value: values.length === 0 || values.some((value) => value === null) ? null : values.join(SEPARATOR),
    above: tap.above.map((above) => readTap(above, source)),
  }
}

function textOf(field: ResolvedField, source: FieldSource): string | null {
  const value = source.value(field)
  if (value === undefined || value === UNKNOWN) return null
  const texts = typeof value === 'object' ? value.map((member) => scalarText(member, field)) : [scalarText(value, field)]
  return texts.length === 0 ? null : texts.join(',').slice(0, MAX_TEXT)
}

function scalarText(value: ScalarValue, { type }: ResolvedField): string {
  const family = familyOf(type)
  if ((family === 'address' || family === 'network') && typeof value === 'string') return addressText(value)
  return fromByteText(String(value))
}
