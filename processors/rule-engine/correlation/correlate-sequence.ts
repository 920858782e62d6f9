// Correlates a list of observations that is whole: tests of rules, and events that are judged at once. No store, no clock: the end of the list
// ends every window.
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import { observationsAbove } from './firing-identity.js'
import { emptyWindow } from './group-window.js'
import { judgeWindow } from './judge-window.js'
import type { Firing, JudgeLosses } from './judge-window.js'
import { compareObservations, correlationKey, groupKey } from './observation.js'
import type { Observation } from './observation.js'

const NO_LOSSES: JudgeLosses = { onFull: () => undefined, onUnjudged: () => undefined }

/** @returns what fired, in order of time */
export function correlateSequence<Evidence>(observations: readonly Observation<Evidence>[]): Firing<Evidence>[] {
  const all: Firing<Evidence>[] = []
  let waiting = [...observations]
  while (waiting.length > 0) {
    // A correlation is judged when all that feed it are.
    const depth = Math.min(...waiting.map(({ correlation }) => correlation.depth))
    const due = waiting.filter(({ correlation }) => correlation.depth === depth)
    const firings = [...groupsOf(due)].flatMap(judgeGroup)
    all.push(...firings)
    waiting = [...waiting.filter(({ correlation }) => correlation.depth > depth), ...firings.flatMap(observationsAbove)]
  }
  return all.sort((a, b) => a.atUs - b.atUs || compareObservations(a.completing, b.completing) || a.correlation.depth - b.correlation.depth)
}

interface Group<Evidence> {
  readonly correlation: CompiledCorrelation
  readonly observations: Observation<Evidence>[]
}

function groupsOf<Evidence>(observations: readonly Observation<Evidence>[]): Iterable<Group<Evidence>> {
  const groups = new Map<string, Group<Evidence>>()
  for (const observation of observations) {
    const key = `${correlationKey(observation.correlation)}${groupKey(observation.group)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { correlation: observation.correlation, observations: [observation] })
    else group.observations.push(observation)
  }
  return groups.values()
}

function judgeGroup<Evidence>({ correlation, observations }: Group<Evidence>): Firing<Evidence>[] {
  return judgeWindow(emptyWindow(), correlation, observations.sort(compareObservations), Infinity, NO_LOSSES)
}
