// Kind and details of an event or aggregate as rows show them. `--kind` selects by topic, by type, or by a finer kind such as open-write.
import { UsageError } from '../../infra/process/errors.js'
import { nearestName } from '../../infra/text/nearest.js'
import { printable } from '../../infra/text/printable.js'
import { RULE_TOPICS, type RuleRecord } from '../../processors/rule-engine/fields/rule-event.js'
import { resultText } from '../../processors/rule-engine/fields/kernel-names/result-names.js'
import { connectionText } from '../../schemas/alert-parts.js'
import { RECORD_KINDS } from '../../schemas/generated/calls.js'
import { kernelSummaryOf, networkSummaryOf } from '../../processors/rule-engine/output/alert.js'
import {
  type CapabilityUse,
  type FileEvent,
  type FileUsage,
  type ProcessEvent,
  type SyscallCount,
  type TcpUsage,
  USAGE_TYPE_SYMBOLS,
  type UsageRecord,
} from '../../schemas/generated/types.js'
import { dnsText, kernelObjectText } from '../../schemas/object-text.js'

/** A printed event. */
export type PrintedEvent = RuleRecord

/** Kinds finer than types: a refused exec, and opens by intent. */
const FINER = ['refused', 'open-read', 'open-write', 'open-new'] as const
const USAGE_TYPES = USAGE_TYPE_SYMBOLS.filter((type) => type !== 'UNKNOWN')
const TYPES = ['snapshot', ...RULE_TOPICS.flatMap((topic) => Object.keys(RECORD_KINDS[topic]))]

/** The kind as a row shows it. */
export function kindOf({ topic, record }: PrintedEvent): string {
  if (topic === 'process') return record.type === 'exec' && record.result < 0 ? 'refused' : record.type
  if (topic !== 'file' || record.type !== 'open') return record.type
  return record.isWrite ? (record.isCreate ? 'open-new' : 'open-write') : 'open-read'
}

/** Whether an event is of one of these kinds. */
export function isOfKind(event: PrintedEvent, kinds: ReadonlySet<string>): boolean {
  return kinds.has(event.record.type) || kinds.has(kindOf(event)) || kinds.has(event.topic)
}

/** Whether an aggregate is of one of these kinds. */
export function isUsageOfKind({ type }: Pick<UsageRecord, 'type'>, kinds: ReadonlySet<string>): boolean {
  return kinds.has('usage') || kinds.has(type)
}

/** The kinds of `--kind`. @throws UsageError with the nearest name for each unknown one */
export function chosenKinds(names: readonly string[], more: readonly string[] = [...USAGE_TYPES, 'usage']): ReadonlySet<string> {
  return new Set(knownNames('--kind', 'kind', names, [...TYPES, ...FINER, ...RULE_TOPICS, ...more]))
}

/** Names in a comma-separated list. @throws UsageError for an unknown name */
export function knownNames(flag: string, what: string, given: readonly string[], known: readonly string[]): string[] {
  const names = given.flatMap((list) => list.split(',')).map((name) => name.trim())
  const mistakes = names.flatMap((name) => {
    if (known.includes(name)) return []
    const nearest = nearestName(name, known)
    const written = printable(name.slice(0, 100))
    return [`unknown ${what} "${written}"${nearest === undefined ? '' : `; did you mean ${nearest}?`}`]
  })
  if (mistakes.length > 0) throw new UsageError(`${flag}: ${mistakes.join('\n')}\nthere are: ${known.join(', ')}`)
  return [...new Set(names)]
}

/** The event in a few words. Texts of events are untrusted; the caller escapes them. */
export function detailOf(event: PrintedEvent): string {
  switch (event.topic) {
    case 'process':
      return processDetail(event.record)
    case 'file':
      return fileDetail(event.record)
    default:
      return `${objectText(event)}${failure(event.record.result)}`.trimStart()
  }
}

function processDetail({ type, process, result, filename, attemptedArgs, exitCode, exitSignal, durationUs }: ProcessEvent): string {
  const command = process.args.join(' ')
  if (type === 'exec') return result < 0 ? `${filename ?? '?'} ${(attemptedArgs ?? []).join(' ')} (${resultText(result)})` : command
  if (type === 'exit') {
    const end = exitSignal === null ? `status ${String(exitCode ?? '?')}` : `signal ${String(exitSignal)}`
    return `${end} after ${durationUs === null ? '?' : (durationUs / 1e6).toFixed(3)} s`
  }
  if (type === 'fork') return `child of ${String(process.parentPid)}`
  return command
}

function fileDetail({ type, path, newPath, linkTarget, result }: FileEvent): string {
  const to = type === 'symlink' ? linkTarget : newPath
  return `${path ?? '?'}${to === null ? '' : ` -> ${to}`}${failure(result)}`
}

function objectText(event: Exclude<PrintedEvent, { topic: 'process' | 'file' }>): string {
  if (event.topic === 'network' && event.record.dns !== null) return dnsText(event.record.dns)
  const connection = networkSummaryOf(event)
  const object = event.topic === 'kernel' ? kernelSummaryOf(event) : null
  const path = event.topic === 'kernel' ? event.record.path : null
  const parts = [object === null ? '' : kernelObjectText(object, path), connection === null ? '' : connectionText(connection)]
  return parts.filter((part) => part !== '').join(' ')
}

function failure(result: number): string {
  return result < 0 ? ` (${resultText(result)})` : ''
}

/** The aggregate in a few words, with its scope first if it is a sum of several processes. Paths are untrusted; the caller escapes them. */
export function usageDetailOf(record: UsageRecord): string {
  return `${sumOf(record)}${countsOf(record)}`
}

/** `read 12, openat (compat32) 3`; names only for calls seen. */
export function callsText(calls: readonly SyscallCount[]): string {
  return calls
    .map(({ name, abi, count }) => `${name}${abi === 'native' ? '' : ` (${abi})`}${count === null ? '' : ` ${String(count)}`}`)
    .join(', ')
}

/** `CAP_SYS_ADMIN 3 granted, CAP_NET_RAW 1 denied`. */
export function capabilitiesText(capabilities: readonly CapabilityUse[]): string {
  return capabilities
    .flatMap(({ name, granted, denied }) => [
      ...(granted > 0 ? [`${name} ${String(granted)} granted`] : []),
      ...(denied > 0 ? [`${name} ${String(denied)} denied`] : []),
    ])
    .join(', ')
}

function sumOf({ scope, aggregates }: UsageRecord): string {
  if (scope === 'rest') return `sum of ${String(aggregates)} others: `
  return scope === 'overflow' ? 'found no room: ' : ''
}

function countsOf({ calls, syscalls, file, tcp, capabilities }: UsageRecord): string {
  if (file !== null) return fileText(file)
  if (tcp !== null) return tcpText(tcp)
  if (capabilities !== null) return capabilitiesText(capabilities)
  return syscalls === null ? `${String(calls)} calls` : callsText(syscalls)
}

function fileText({ path, reads, writes, bytesRead, bytesWritten }: FileUsage): string {
  const counts = `${String(reads)} reads of ${String(bytesRead)} bytes, ${String(writes)} writes of ${String(bytesWritten)} bytes`
  return path === null ? counts : `${path} ${counts}`
}

function tcpText({ remoteAddress, port, isServer, opened, failed, closed, open, bytesSent, bytesReceived }: TcpUsage): string {
  const bytes = `${String(bytesSent)} bytes sent, ${String(bytesReceived)} received`
  const connections = `${String(opened)} opened, ${String(failed)} failed, ${String(closed)} closed, ${String(open)} open`
  if (remoteAddress === null) return `${bytes}; ${connections}`
  const other = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress
  const ends = isServer === true ? `from ${remoteAddress} to port ${String(port)}` : `${other}:${String(port)}`
  return `${ends} ${bytes}; ${connections}`
}
