// What the standard streams of a process refer to: `proc.stdin.*`, `fd.types[0]`. The state is that of the last exec, plus a duplication that
// the event itself makes onto a standard stream.
import type { Descriptor } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { COPY_SOURCE, descriptorName, descriptorNumber, descriptorTypeText, kindWord } from '../descriptor/descriptor.js'
import { recordText } from '../record/record-text.js'

const STREAMS = ['stdin', 'stdout', 'stderr'] as const

/** What {@link streamType} or {@link streamName} reads. @param number 0, 1 or 2 */
export function streamSource(number: number, what: 'type' | 'name'): string {
  return `Process.${STREAMS[number] ?? ''} Descriptor.${what} ${COPY_SOURCE[what === 'type' ? 'kind' : 'name']}`
}

function streamOf(event: RuleRecord, number: number): Descriptor | null {
  const stream = STREAMS[number]
  return stream === undefined ? null : event.record.process[stream]
}

function isMadeByEvent(event: RuleRecord, number: number): boolean {
  return number < STREAMS.length && event.topic === 'kernel' && event.record.type === 'dup' && descriptorNumber(event) === number
}

/** As `fd.type`. @param number 0, 1 or 2 */
export function streamType(event: RuleRecord, number: number): string | undefined {
  if (isMadeByEvent(event, number)) return descriptorTypeText(event)
  const stream = streamOf(event, number)
  return stream === null ? undefined : (kindWord(stream.type) ?? undefined)
}

/** As `fd.name`. @param number 0, 1 or 2 */
export function streamName(event: RuleRecord, number: number): string | undefined {
  if (isMadeByEvent(event, number)) return descriptorName(event)
  const stream = streamOf(event, number)
  return stream === null ? undefined : recordText(event, `process.${STREAMS[number] ?? ''}.name`, stream.name)
}
