// Arguments of the calls that records exist for: as text (`evt.arg.flags`) and as number (`evt.rawarg.res`).
import type { RuleRecord } from '../../judged-event.js'
import { resultText } from '../kernel-names/errno-name.js'
import type { FieldArgument } from '../field.js'
import { givenPath, isDirectoryOpen, openedPath, openOf } from './opened-file.js'
import { openFlagsText } from '../kernel-names/open-flags.js'
import { joinedArguments, recordText } from './record-text.js'

type Reader = (event: RuleRecord) => string | number | undefined

const OPEN_READERS: Readonly<Record<string, Reader>> = {
  name: (event) => givenPath(event) ?? openedPath(event),
  flags: (event) => openOf(event)?.flags,
  mode: (event) => openOf(event)?.mode ?? 0,
  fd: (event) => event.record.result,
  res: (event) => event.record.result,
}

const PROCESS_READERS: Readonly<Record<string, Reader>> = {
  res: (event) => event.record.result,
  exe: (event) =>
    event.record.process.args.length === 0 ? undefined : recordText(event, 'process.args.0', event.record.process.args[0] ?? ''),
  args: (event) => joinedArguments(event, 'process.args', event.record.process.args),
  tid: (event) => event.record.process.pid,
  pid: (event) => event.record.process.pid,
  ptid: (event) => event.record.process.parentPid,
  cwd: (event) => recordText(event, 'process.cwd', event.record.process.cwd),
  comm: (event) => recordText(event, 'process.name', event.record.process.name),
  tty: (event) => event.record.process.tty ?? 0,
  pgid: (event) => event.record.process.processGroupId,
  loginuid: (event) => event.record.process.loginUid ?? -1,
  uid: (event) => event.record.process.euid,
  gid: (event) => event.record.process.egid,
  filename: (event) => (event.topic === 'process' ? recordText(event, 'filename', event.record.filename) : undefined),
  pathname: (event) => (event.topic === 'process' ? recordText(event, 'filename', event.record.filename) : undefined),
  trusted_exepath: (event) => recordText(event, 'process.exePath', event.record.process.exePath),
}

/** The argument as the kernel has it; undefined when the call has none of that name, or it is not kept. */
export function eventArgumentValue(event: RuleRecord, name: FieldArgument): string | number | undefined {
  if (typeof name !== 'string') return undefined
  const readers = event.topic === 'file' ? OPEN_READERS : PROCESS_READERS
  return Object.hasOwn(readers, name) ? readers[name]?.(event) : undefined
}

/** The argument as text: flags by name, results by errno, descriptors with what they lead to. */
export function eventArgumentText(event: RuleRecord, name: FieldArgument): string | undefined {
  if (name === 'flags') return flagsText(event)
  const value = eventArgumentValue(event, name)
  if (value === undefined || typeof value === 'string') return value
  if (name === 'res') return value < 0 ? resultText(value) : String(value)
  if (name === 'mode') return value.toString(8).padStart(4, '0')
  if (name === 'fd') return descriptorText(event, value)
  return String(value)
}

function flagsText(event: RuleRecord): string | undefined {
  const open = openOf(event)
  if (open !== null) return openFlagsText(open.flags)
  if (event.topic !== 'process' || event.record.type !== 'exec') return undefined
  const { process } = event.record
  const names: string[] = []
  if (process.isExeUpperLayer) names.push('EXE_UPPER_LAYER')
  if (process.isExeMemfd) names.push('EXE_FROM_MEMFD')
  return names.length === 0 ? '0' : names.join('|')
}

function descriptorText(event: RuleRecord, result: number): string {
  if (result < 0) return resultText(result)
  const open = openOf(event)
  return `<${open !== null && isDirectoryOpen(open) ? 'd' : 'f'}>${openedPath(event) ?? ''}`
}
