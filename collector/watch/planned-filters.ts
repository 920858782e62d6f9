// The kinds, outcomes and opens of a plan, as filters for the probes. Knows kinds, not event types.
import { OPEN_WAY, OPEN_WAYS } from '../../native/generated/layout.js'
import type { FailedOpenChoice, OpenChoice } from '../../native/kernel-control.js'
import type { OpenIntent, Watch } from '../../infra/watch-plan/watch-plan.js'
import { singleSlashes } from '../../infra/text/glob.js'
import { PathMatcher, type WantsPath } from './path-verdicts.js'

/** Which opens one watch of a plan wants. */
export type PlannedOpen = Pick<Watch, 'outcome' | 'intents' | 'paths' | 'givenPaths'>

/** What a plan wants. An event is reported when any of its watches wants it. */
export interface PlannedFilters {
  /** Kinds whose successful calls, and whose failed calls, are wanted. */
  readonly succeeded: ReadonlySet<number>
  readonly failed: ReadonlySet<number>
  readonly opens: readonly PlannedOpen[]
}

/** The choice for opens by their mode, and by their path and argument where needed. */
export interface OpenFilters {
  readonly opened: readonly OpenChoice[]
  readonly openFailed: readonly FailedOpenChoice[]
  /** Null when no choice is by path or argument. */
  readonly wants: WantsPath | null
}

const WAY_OF_INTENT: Readonly<Record<OpenIntent, number>> = OPEN_WAY
const WAYS = [...Array(OPEN_WAYS).keys()]

/** How the probes choose among opens. A failed open has no path, so paths do not restrict it. */
export function openFiltersOf(opens: readonly PlannedOpen[]): OpenFilters {
  const wantedBy = (way: number, outcome: 'succeeded' | 'failed'): readonly PlannedOpen[] =>
    opens.filter((open) => (open.outcome ?? outcome) === outcome && isOfWay(open, way))
  const opened = WAYS.map((way) => choiceOf(wantedBy(way, 'succeeded')))
  const openFailed = WAYS.map((way) => (wantedBy(way, 'failed').length === 0 ? 'leftOut' : 'emitted'))
  const isEvaluated = opened.some((choice) => choice !== 'emitted' && choice !== 'leftOut')
  return { opened, openFailed, wants: isEvaluated ? wantsOf(WAYS.map((way) => wantedBy(way, 'succeeded'))) : null }
}

function isOfWay({ intents }: PlannedOpen, way: number): boolean {
  return intents === null || intents.some((intent) => (way & WAY_OF_INTENT[intent]) !== 0)
}

function choiceOf(opens: readonly PlannedOpen[]): OpenChoice {
  if (opens.length === 0) return 'leftOut'
  const withoutPath = opens.filter(({ paths }) => paths === null)
  if (withoutPath.some(({ givenPaths }) => givenPaths === null)) return 'emitted'
  if (withoutPath.length > 0) return 'byArgument'
  return opens.every(({ givenPaths }) => givenPaths === null) ? 'byPath' : 'byBoth'
}

function wantsOf(opensOfWay: readonly (readonly PlannedOpen[])[]): WantsPath {
  const matchers = opensOfWay.map((opens) => ({
    path: new PathMatcher(opens.flatMap(({ paths, givenPaths }) => (givenPaths === null ? (paths ?? []) : []))),
    both: opens.flatMap(({ paths, givenPaths }) =>
      givenPaths === null ? [] : [{ path: paths === null ? null : new PathMatcher(paths), argument: new PathMatcher(givenPaths) }],
    ),
  }))
  return (path, argument, way) => {
    const matcher = matchers[way]
    if (matcher === undefined || matcher.path.matches(path)) return true
    const given = argument === null ? null : singleSlashes(argument)
    return matcher.both.some((one) => one.path?.matches(path) !== false && (given === null || one.argument.matches(given)))
  }
}
