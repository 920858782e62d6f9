// Ways to write arguments that events of several topics share: results, descriptors, paths, processes.
import type { RuleRecord } from '../judged-event.js'
import { resultText } from '../kernel-names/errno-name.js'
import { octalText } from '../kernel-names/flags/file-mode.js'
import { descriptorName, descriptorNumber, descriptorTypeChar, KIND_SOURCE, NAME_SOURCE, NUMBER_SOURCE } from '../descriptor/descriptor.js'
import { lineageValue, LINEAGE_SOURCE } from '../process/process-lineage.js'
import { transportOf, TRANSPORT_SOURCE } from '../descriptor/socket.js'
import { AT_FDCWD } from '../kernel-names/flags/path-call-flags.js'
import type { ArgumentStyle, RawValue } from './event-argument.js'

/** A result: the name of the errno when it failed. */
export const RESULT: ArgumentStyle<RuleRecord> = { resolved: (raw) => failureText(raw) }

function failureText(raw: RawValue): string {
  return typeof raw === 'number' && raw < 0 ? resultText(raw) : ''
}

/** A descriptor: what it leads to, behind its kind: `<f>/etc/passwd`, `<4t>10.0.0.1:4711->10.0.0.2:22`. */
export const DESCRIPTOR: ArgumentStyle<RuleRecord> = {
  resolved: (raw, event) => descriptorText(raw, event),
  resolvedSource: `${NUMBER_SOURCE} ${KIND_SOURCE} ${NAME_SOURCE} ${TRANSPORT_SOURCE}`,
}

function descriptorText(raw: RawValue, event: RuleRecord): string {
  if (typeof raw !== 'number') return ''
  if (raw < 0) return failureText(raw)
  const name = descriptorName(event)
  const char = descriptorTypeChar(event)
  return raw === descriptorNumber(event) && name !== undefined && char !== undefined
    ? `<${char}${transportOf(event)?.charAt(0) ?? ''}>${name}`
    : ''
}

/** The folder that a relative path starts from. */
export const FOLDER: ArgumentStyle<RuleRecord> = { resolved: (raw) => (raw === AT_FDCWD ? 'AT_FDCWD' : '') }

/** Permission bits in octal digits. */
export const OCTAL: ArgumentStyle<RuleRecord> = { plain: (raw) => (typeof raw === 'number' ? octalText(raw) : String(raw)) }

/** A number in hexadecimal digits. */
export const HEX: ArgumentStyle<RuleRecord> = { plain: (raw) => (typeof raw === 'number' ? raw.toString(16).toUpperCase() : String(raw)) }

/** A pid: the name of the process, where that is the process of the event or its ancestor. */
export const OWN_PID: ArgumentStyle<RuleRecord> = {
  resolved: (_raw, event) => String(lineageValue(event, 0, 'name') ?? ''),
  resolvedSource: LINEAGE_SOURCE.own('name'),
}
/** The same of the parent. */
export const PARENT_PID: ArgumentStyle<RuleRecord> = {
  resolved: (_raw, event) => String(lineageValue(event, 1, 'name') ?? ''),
  resolvedSource: LINEAGE_SOURCE.ancestor('name'),
}

/** A path as it was given, with the whole path that it means. */
export function pathStyle(full: (event: RuleRecord) => string | undefined, fullSource: string): ArgumentStyle<RuleRecord> {
  return { resolved: (_raw, event) => full(event) ?? '', resolvedSource: fullSource }
}

/** Bytes that were sent or received: what can be shown of them. */
export const BYTES: ArgumentStyle<RuleRecord> = { plain: (raw) => String(raw).replace(/[^\x20-\x7e]/g, '.') }
