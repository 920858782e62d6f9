// A process and its ancestors as one line, self first: what the indexed fields (`proc.aname[2]`) and the leaders of sessions read.
import type { RuleRecord } from '../../judged-event.js'
import { commandLine, joinedArguments, recordText } from './record-text.js'

/** Names of the properties that a generation has. */
export type LineageProperty = 'name' | 'exe' | 'exePath' | 'commandLine' | 'pid'

/** Property of the process (0), its parent (1), and so on; undefined when that generation is not known. */
export function lineageValue(event: RuleRecord, generation: number, property: LineageProperty): string | number | undefined {
  const { process } = event.record
  if (generation === 0) {
    if (property === 'pid') return process.pid
    if (property === 'name') return recordText(event, 'process.name', process.name)
    if (property === 'exe') return process.args.length === 0 ? undefined : recordText(event, 'process.args.0', process.args[0] ?? '')
    if (property === 'exePath') return recordText(event, 'process.exePath', process.exePath)
    return commandLine(recordText(event, 'process.name', process.name), joinedArguments(event, 'process.args', process.args))
  }
  const ancestor = process.ancestors[generation - 1]
  if (ancestor === undefined) return undefined
  const at = `process.ancestors.${String(generation - 1)}`
  if (property === 'pid') return ancestor.pid
  if (property === 'name') return recordText(event, `${at}.name`, ancestor.name)
  if (property === 'exe') return ancestor.exe === '' ? undefined : recordText(event, `${at}.exe`, ancestor.exe)
  if (property === 'exePath') return recordText(event, `${at}.exePath`, ancestor.exePath)
  if (generation > 1) return undefined // only the parent's arguments travel with an event
  return commandLine(recordText(event, `${at}.name`, ancestor.name), joinedArguments(event, 'process.parentArgs', process.parentArgs))
}

/** The property of every known ancestor, parent first, self excluded; undefined when none is known. */
export function ancestorValues(event: RuleRecord, property: LineageProperty): (string | number)[] | undefined {
  const values: (string | number)[] = []
  for (let generation = 1; generation <= event.record.process.ancestors.length; generation++) {
    const value = lineageValue(event, generation, property)
    if (value !== undefined) values.push(value)
  }
  return values.length === 0 ? undefined : values
}

/** The property of the process or ancestor with this pid (leader of a session or process group). */
export function leaderValue(event: RuleRecord, pid: number, property: LineageProperty): string | number | undefined {
  const { process } = event.record
  if (process.pid === pid) return lineageValue(event, 0, property)
  const index = process.ancestors.findIndex((ancestor) => ancestor.pid === pid)
  return index < 0 ? undefined : lineageValue(event, index + 1, property)
}
