// Selects alerts by what people know of them. Routes and silences use it. What an alert does not know matches nothing: an alert whose
// container is unknown is not selected by an image, so that no silence hides it.
import { type Shaped, Type } from '../../../infra/config/json-shape.js'
import { compileGlob } from '../../../infra/text/glob.js'
import { attackTags } from '../../../schemas/attack-techniques.js'
import type { Alert, Priority } from '../../../schemas/generated/types.js'

/** Priorities, the most severe one first. */
export const PRIORITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'] as const

const MOST_PATTERNS = 100
const PATTERN = Type.String({ minLength: 1, maxLength: 500 })
const PATTERNS = Type.Optional(Type.Union([PATTERN, Type.Array(PATTERN, { minItems: 1, maxItems: MOST_PATTERNS })]))

/**
 * What an alert must be: each field that is given, with one of its patterns. Patterns are globs (`*`, `?`, `[a-z]`).
 * `priority` is the least severe one; `technique` includes sub-techniques; `host` is a name or id, `container` a name or whole id, `image` a name
 * with or without tag, or a digest; `label` are labels of the container.
 */
export const ALERT_MATCH = Type.Object(
  {
    priority: Type.Optional(Type.Enum([...PRIORITIES])),
    rule: PATTERNS,
    tag: PATTERNS,
    technique: PATTERNS,
    label: Type.Optional(Type.Record(Type.String({ minLength: 1, maxLength: 200 }), PATTERN)),
    namespace: PATTERNS,
    image: PATTERNS,
    host: PATTERNS,
    container: PATTERNS,
  },
  { additionalProperties: false },
)
export type AlertMatch = Shaped<typeof ALERT_MATCH>

/** The fields with patterns, and their values in an alert. */
const VALUES = {
  rule: ({ rule, ruleId }) => [rule, ruleId],
  tag: ({ tags }) => tags,
  technique: ({ tags }) => attackTags(tags).techniques,
  namespace: ({ container }) => known(container?.pod?.namespace),
  image: ({ container }) => (container === null ? [] : imagesOf(container)),
  host: ({ origin }) => [origin.hostName, origin.hostId],
  container: ({ containerId, container }) => [...known(containerId), ...known(container?.name)],
} as const satisfies Record<string, (alert: Alert) => readonly string[]>
type PatternField = keyof typeof VALUES
const FIELDS = Object.keys(VALUES) as PatternField[]

/** Whether an alert is selected. */
export type AlertMatcher = (alert: Alert) => boolean

/** A field that an alert does not have as it should. */
export interface Mismatch {
  readonly field: string
  readonly wanted: string
  readonly found: string
}

interface Condition {
  readonly holds: AlertMatcher
  readonly mismatch: (alert: Alert) => Mismatch
}

/** A selection of alerts, compiled. */
export class CompiledMatch {
  readonly #conditions: readonly Condition[]

  constructor(match: AlertMatch) {
    this.#conditions = conditionsOf(match)
  }

  /** True if every field fits; for no field at all, for every alert. */
  matches(alert: Alert): boolean {
    return this.#conditions.every(({ holds }) => holds(alert))
  }

  /** The first field that does not fit; null if all do. */
  mismatchOf(alert: Alert): Mismatch | null {
    return this.#conditions.find(({ holds }) => !holds(alert))?.mismatch(alert) ?? null
  }
}

function conditionsOf(match: AlertMatch): Condition[] {
  const conditions: Condition[] = []
  const { priority, label = {} } = match
  if (priority !== undefined) conditions.push(priorityCondition(priority))
  for (const field of FIELDS) {
    const patterns = listOf(match[field])
    if (patterns.length > 0) conditions.push(patternCondition(field, patterns))
  }
  for (const [name, pattern] of Object.entries(label)) conditions.push(labelCondition(name, pattern))
  return conditions
}

function priorityCondition(least: Priority): Condition {
  const most = rankOf(least)
  return {
    // An unknown priority is that of a rule of a newer version: it is not less severe than any.
    holds: ({ priority }) => rankOf(priority) <= most,
    mismatch: ({ priority }) => ({ field: 'priority', wanted: `${least} or more severe`, found: priority }),
  }
}

function rankOf(priority: Priority): number {
  return (PRIORITIES as readonly string[]).indexOf(priority)
}

function patternCondition(field: PatternField, patterns: readonly string[]): Condition {
  const valuesOf: (alert: Alert) => readonly string[] = VALUES[field]
  const globs = patterns.flatMap((pattern) => (field === 'technique' ? techniqueGlobs(pattern) : [pattern])).map((one) => compileGlob(one))
  return {
    holds: (alert) => valuesOf(alert).some((value) => globs.some((fits) => fits(value))),
    mismatch: (alert) => ({ field, wanted: patterns.join(', '), found: valuesOf(alert).join(', ') }),
  }
}

function labelCondition(name: string, pattern: string): Condition {
  const fits = compileGlob(pattern)
  const valueOf = ({ container }: Alert): string | undefined =>
    container !== null && Object.hasOwn(container.labels, name) ? container.labels[name] : undefined
  return {
    holds: (alert) => {
      const value = valueOf(alert)
      return value !== undefined && fits(value)
    },
    mismatch: (alert) => ({ field: `label ${name}`, wanted: pattern, found: valueOf(alert) ?? '' }),
  }
}

/** A technique and its sub-techniques. */
function techniqueGlobs(pattern: string): string[] {
  const upper = pattern.toUpperCase()
  return [upper, `${upper}.*`]
}

function imagesOf({ image, imageRepository, imageDigest }: NonNullable<Alert['container']>): string[] {
  return [image, ...known(imageRepository), ...known(imageDigest)]
}

function known(value: string | null | undefined): string[] {
  return value === null || value === undefined || value === '' ? [] : [value]
}

function listOf(patterns: string | readonly string[] | undefined): readonly string[] {
  return patterns === undefined ? [] : typeof patterns === 'string' ? [patterns] : patterns
}
