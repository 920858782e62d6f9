// The environment of a process as `proc.env` shows it: joined by blanks, or one variable. The collector takes only the names that it is
// set to; absent when it takes none.
import type { FieldArgument } from '../field.js'
import type { RuleRecord } from '../judged-event.js'
import { recordTexts } from '../record/record-text.js'

/** @param name of a variable; null for all of them. A variable that is not set is an empty text, as in Falco. */
export function environmentText(event: RuleRecord, name: FieldArgument): string | undefined {
  const { env } = event.record.process
  if (env === null) return undefined
  const variables = recordTexts(event, 'process.env', env)
  if (name === null) return variables.join(' ')
  const start = `${String(name)}=`
  return variables.find((variable) => variable.startsWith(start))?.slice(start.length) ?? ''
}
