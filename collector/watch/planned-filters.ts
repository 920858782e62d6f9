// What a plan asks of kinds, outcomes and opens, as the probes can be told. Who makes it of a plan knows event types; here are kinds only.
import { OPEN_WAY, OPEN_WAYS, type OpenChoice } from '../../native/kernel-filters.js'
import type { OpenIntent, Watch } from '../../infra/watch-plan.js'
import { PathMatcher } from './path-matcher.js'
import type { WantsPath } from './path-judge.js'

/** Which opens one watch of a plan wants. */
export type PlannedOpen = Pick<Watch, 'outcome' | 'intents' | 'paths'>

/** What a plan wants. An event is told when any of its watches wants it. */
export interface PlannedFilters {
  /** Kinds of which calls that succeeded, and that failed, are wanted. */
  readonly succeeded: ReadonlySet<number>
  readonly failed: ReadonlySet<number>
  readonly opens: readonly PlannedOpen[]
}

/** What becomes of opens by the way they are opened, and by their path where that matters. */
export interface OpenFilters {
  readonly opened: readonly OpenChoice[]
  readonly openFailed: readonly Exclude<OpenChoice, 'byPath'>[]
  /** Null when no choice is by path. */
  readonly wants: WantsPath | null
}

const WAY_OF_INTENT: Readonly<Record<OpenIntent, number>> = OPEN_WAY
const WAYS = [...Array(OPEN_WAYS).keys()]

/** How the probes choose among opens. A failed open has no path of its own: it is told whatever its paths. */
export function openFiltersOf(opens: readonly PlannedOpen[]): OpenFilters {
  const wantedBy = (way: number, outcome: 'succeeded' | 'failed'): readonly PlannedOpen[] =>
    opens.filter((open) => (open.outcome ?? outcome) === outcome && isOfWay(open, way))
  const opened = WAYS.map((way) => choiceOf(wantedBy(way, 'succeeded')))
  const openFailed = WAYS.map((way) => (wantedBy(way, 'failed').length === 0 ? 'leftOut' : 'told'))
  return { opened, openFailed, wants: opened.includes('byPath') ? wantsOf(WAYS.map((way) => wantedBy(way, 'succeeded'))) : null }
}

function isOfWay({ intents }: PlannedOpen, way: number): boolean {
  return intents === null || intents.some((intent) => (way & WAY_OF_INTENT[intent]) !== 0)
}

function choiceOf(opens: readonly PlannedOpen[]): OpenChoice {
  if (opens.length === 0) return 'leftOut'
  return opens.some(({ paths }) => paths === null) ? 'told' : 'byPath'
}

function wantsOf(opensOfWay: readonly (readonly PlannedOpen[])[]): WantsPath {
  const matchers = opensOfWay.map((opens) => new PathMatcher(opens.flatMap(({ paths }) => paths ?? [])))
  return (path, way) => matchers[way]?.matches(path) ?? true
}
