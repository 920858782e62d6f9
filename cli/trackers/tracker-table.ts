// Trackers as a person reads them: one a line, and below why those are off that were asked for.
import type { TrackerReport } from '../../collector/control/control-answers.js'
import { printable } from '../../infra/text/printable.js'
import { columnTable } from '../terminal/terminal-text.js'

/** The table as text. */
export function trackerTable(trackers: readonly TrackerReport[]): string {
  const table = columnTable(
    [
      { title: 'TRACKER', value: ({ name }) => name },
      { title: 'STATE', value: stateText },
      { title: 'EVENTS', value: ({ emitted }) => String(emitted) },
      { title: 'SUPPRESSED', value: ({ suppressed }) => String(suppressed) },
      { title: 'KINDS', value: kindsText },
    ],
    trackers,
  )
  const reasons = trackers.flatMap(({ name, problem }) => (problem === null ? [] : [`${name} is off: ${printable(problem)}\n`]))
  return reasons.length === 0 ? table : `${table}\n${reasons.join('')}`
}

function stateText({ state, cause, problem }: TrackerReport): string {
  if (problem !== null) return `${state} (failed)`
  return cause === 'person' ? `${state} (by hand)` : state
}

/** Kinds that are always told have a star. */
function kindsText({ kinds, alwaysTold }: TrackerReport): string {
  return kinds.map((kind) => (alwaysTold.includes(kind) ? `${kind}*` : kind)).join(' ')
}
