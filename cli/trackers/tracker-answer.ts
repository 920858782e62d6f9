// Trackers as the control socket tells them, read once: whoever listens there may be of another version.
import { TRACKER_CAUSES, type TrackerReport } from '../../collector/control/tracker-report.js'
import { TRACKER_STATES } from '../../collector/watch/kind-switch.js'
import { fieldsOf, fits, isListOf, isText, type Form } from '../parts/answer-form.js'

type FlatReport = Omit<TrackerReport, 'problem' | 'kinds' | 'alwaysTold'>

const FLAT: Form<FlatReport> = { name: 'text', description: 'text', state: 'text', cause: 'text', emitted: 'count', suppressed: 'count' }
const STATES: readonly string[] = TRACKER_STATES
const CAUSES: readonly string[] = TRACKER_CAUSES

/** The answer to a list of all. @returns null for what is no such answer */
export function trackersAnswer(answer: unknown): readonly TrackerReport[] | null {
  const { trackers } = fieldsOf(answer)
  return isListOf(trackers, isReport) ? trackers : null
}

/** The answer to a start or stop of one. @returns null for what is no such answer */
export function trackerAnswer(answer: unknown): TrackerReport | null {
  const { tracker } = fieldsOf(answer)
  return isReport(tracker) ? tracker : null
}

function isReport(value: unknown): value is TrackerReport {
  const { problem, kinds, alwaysTold } = fieldsOf(value)
  const isWhole = (problem === null || isText(problem)) && isListOf(kinds, isText) && isListOf(alwaysTold, isText)
  return isWhole && fits(value, FLAT) && STATES.includes(value.state) && CAUSES.includes(value.cause)
}
