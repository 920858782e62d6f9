// Fields that the events of every log source have: who did it, where and when.
import { from } from '../../fields/field.js'
import type { FieldDefinition } from '../../fields/field.js'
import { recordText } from '../../fields/record/record-text.js'
import { toByteText } from '../../text/byte-text.js'
import { catalogueFields, ownField } from './sigma-fields.js'

const FROM_CATALOGUE = { Image: 'proc.exepath', ProcessId: 'proc.pid' }

/** Made anew for each log source. */
export function commonFields(): FieldDefinition[] {
  return [
    ...catalogueFields(FROM_CATALOGUE),
    ownField(
      'User',
      'Name of the real user.',
      from('Process.user', (event) => recordText(event, 'process.user', event.record.process.user)),
    ),
    // What Sysmon for Linux writes there.
    ownField(
      'LogonId',
      'Real user id.',
      from('Process.uid', ({ record }) => record.process.uid),
    ),
    ownField(
      'CurrentDirectory',
      'Working directory.',
      from('Process.cwd', (event) => recordText(event, 'process.cwd', event.record.process.cwd)),
    ),
    ownField(
      'Computer',
      'Name of the host.',
      from('Origin.hostName', ({ record }) => toByteText(record.origin.hostName)),
    ),
    ownField(
      'UtcTime',
      'When it happened, UTC, as Sysmon writes it: 2026-01-31 12:00:00.123.',
      from('Origin.wallTimeUs', ({ record }) => utcText(record.origin.wallTimeUs)),
    ),
  ]
}

/** Times outside of what a date can hold are absent. */
function utcText(wallTimeUs: number): string | undefined {
  const date = new Date(Math.floor(wallTimeUs / 1000))
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('T', ' ').replace('Z', '')
}
