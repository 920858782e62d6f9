// A process and its ancestors as one list, the process first. Indexed fields (`proc.aname[2]`) and session leaders are read from it.
import type { Ancestor } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { toByteText } from '../../text/byte-text.js'
import { commandLine, joinedArguments, recordText } from '../record/record-text.js'

/** Names of the properties that a generation has. */
export type LineageProperty = 'name' | 'exe' | 'exePath' | 'arguments' | 'commandLine' | 'pid'
/** Properties of every known ancestor: an event carries only the parent's arguments. */
export type PropertyOfEach = Exclude<LineageProperty, 'arguments' | 'commandLine'>

const OWN_SOURCE: Readonly<Record<LineageProperty, string>> = {
  name: 'Process.name',
  exe: 'Process.args',
  exePath: 'Process.exePath',
  arguments: 'Process.args',
  commandLine: 'Process.name Process.args',
  pid: 'Process.pid',
}
const ANCESTOR_SOURCE: Readonly<Record<LineageProperty, string>> = {
  name: 'Process.ancestors Ancestor.name',
  exe: 'Process.ancestors Ancestor.exe',
  exePath: 'Process.ancestors Ancestor.exePath',
  arguments: 'Process.ancestors Process.parentArgs',
  commandLine: 'Process.ancestors Process.parentArgs Ancestor.name',
  pid: 'Process.ancestors Ancestor.pid',
}

/** What the functions of this file read for a property: of the process alone, its ancestors alone, and either. */
export const LINEAGE_SOURCE = {
  own: (property: LineageProperty): string => OWN_SOURCE[property],
  ancestor: (property: LineageProperty): string => ANCESTOR_SOURCE[property],
  any: (property: LineageProperty): string => `${OWN_SOURCE[property]} ${ANCESTOR_SOURCE[property]}`,
}

/** Property of the process (0), its parent (1), and so on; undefined when that generation is not known. */
export function lineageValue(event: RuleRecord, generation: number, property: LineageProperty): string | number | undefined {
  const { process } = event.record
  if (generation === 0) return ownValue(event, property)
  const ancestor = process.ancestors[generation - 1]
  if (ancestor === undefined) return undefined
  const at = event.record.raw === null ? '' : `process.ancestors.${String(generation - 1)}`
  if (property !== 'arguments' && property !== 'commandLine') return ancestorValue(event, ancestor, at, property)
  if (generation > 1) return undefined
  const args = joinedArguments(event, 'process.parentArgs', process.parentArgs)
  return property === 'arguments' ? args : commandLine(recordText(event, `${at}.name`, ancestor.name), args)
}

function ownValue(event: RuleRecord, property: LineageProperty): string | number | undefined {
  const { process } = event.record
  switch (property) {
    case 'pid':
      return process.pid
    case 'name':
      return recordText(event, 'process.name', process.name)
    case 'exe':
      return process.args.length === 0 ? undefined : recordText(event, 'process.args.0', process.args[0] ?? '')
    case 'exePath':
      return recordText(event, 'process.exePath', process.exePath)
    case 'arguments':
      return joinedArguments(event, 'process.args', process.args)
    case 'commandLine':
      return commandLine(recordText(event, 'process.name', process.name), joinedArguments(event, 'process.args', process.args))
  }
}

/** @param at name of the ancestor in the record, used only for texts that are not UTF-8 */
function ancestorValue(event: RuleRecord, ancestor: Ancestor, at: string, property: PropertyOfEach): string | number | undefined {
  if (property === 'pid') return ancestor.pid
  const text = ancestor[property]
  if (text === null || (property === 'exe' && text === '')) return undefined
  return event.record.raw === null ? toByteText(text) : recordText(event, `${at}.${property}`, text)
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

/** A leader that is the process or its ancestor has no record of its own. */
export type LeaderOf = 'session' | 'processGroup'

const LEADERS = {
  session: { id: 'sessionId', leader: 'sessionLeader' },
  processGroup: { id: 'processGroupId', leader: 'processGroupLeader' },
} as const

/** What {@link leaderValue} reads. */
export function leaderSource(of: LeaderOf, property: LineageProperty): string {
  const { id, leader } = LEADERS[of]
  return `Process.${id} Process.pid Process.${leader} Ancestor.pid ${LINEAGE_SOURCE.any(property)}`
}

/** The property of the leader of the session or process group; undefined when it is not known. */
export function leaderValue(event: RuleRecord, of: LeaderOf, property: PropertyOfEach): string | number | undefined {
  const { process } = event.record
  const { id, leader } = LEADERS[of]
  if (process.pid === process[id]) return ownValue(event, property)
  const index = process.ancestors.findIndex((ancestor) => ancestor.pid === process[id])
  if (index >= 0) return lineageValue(event, index + 1, property)
  const outside = process[leader]
  return outside === null ? undefined : ancestorValue(event, outside, `process.${leader}`, property)
}

/** Pid of the oldest shell of the line: a process whose name ends with `sh`. */
export function loginShellPid(event: RuleRecord): number | undefined {
  const { name, pid, ancestors } = event.record.process
  return [{ name, pid }, ...ancestors].findLast((process) => process.name.endsWith('sh'))?.pid
}
