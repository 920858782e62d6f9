// What a collector says of itself, read once: whoever listens at the control socket may be of another version.
import type { SelfReport } from '../../collector/control/self-report.js'
import { fieldsOf, fits, isListOf, isText, type Form } from '../parts/answer-form.js'

type FlatReport = Omit<SelfReport, 'capabilities' | 'use'>

const FLAT: Form<FlatReport> = { pid: 'count', userId: 'count', threads: 'count', noNewPrivileges: 'flag' }

/** @returns null for what is no such answer */
export function selfAnswer(answer: unknown): SelfReport | null {
  const { capabilities, use } = fieldsOf(answer)
  if (!fits(answer, FLAT) || !isListOf(capabilities, isText) || !(use === null || isNumbers(use))) return null
  const { pid, userId, threads, noNewPrivileges } = answer
  return { pid, userId, threads, noNewPrivileges, capabilities, use }
}

function isNumbers(value: unknown): value is Readonly<Record<string, number>> {
  return typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'number')
}
