// What an event did, for people: a command line, a path, two ends of a connection, how a process ended.
import { kernelSummaryOf, networkSummaryOf } from '../../../processors/rule-engine/output/alert.js'
import { resultText } from '../../../processors/rule-engine/fields/kernel-names/result-names.js'
import type { FileEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { connectionText, dnsText, kernelObjectText } from '../../terminal/object-text.js'
import type { PrintedEvent } from './event-kind.js'

/** What was done, in a few words. Texts of events are anybody's: the caller makes them harmless. */
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
