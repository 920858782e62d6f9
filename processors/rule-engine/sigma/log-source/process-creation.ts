// Category process_creation: a program that has been started, in the fields of Sysmon. The exec itself, and not one that was refused.
import { from } from '../../fields/field.js'
import type { RuleRecord } from '../../fields/judged-event.js'
import { joinedTexts } from '../../fields/record/record-text.js'
import { commonFields } from './common-fields.js'
import { eventsWhere } from './event-scope.js'
import type { AnsweredSource } from './log-source.js'
import { catalogueFields, ownField, sigmaFields } from './sigma-fields.js'

/** Sigma's command line begins with argv[0], Falco's with the command name. */
const FROM_CATALOGUE = {
  CommandLine: 'proc.exeline',
  ParentImage: 'proc.pexepath',
  ParentProcessId: 'proc.ppid',
  TerminalSessionId: 'proc.sid',
}

/** The category `process_creation`. */
export function processCreation(): AnsweredSource {
  const fields = sigmaFields([
    ...commonFields(),
    ...catalogueFields(FROM_CATALOGUE),
    ownField(
      'ParentCommandLine',
      'Command line of the parent, its first argument included.',
      from('Process.parentArgs', parentCommandLine),
    ),
    ownField('Hashes', 'Hash of the executable: SHA256=...', from('Process.exeSha256', hashes)),
  ])
  return { isAnswered: true, scope: eventsWhere('evt.type in (execve, execveat) and evt.rawres >= 0'), fields, shapes: [] }
}

function parentCommandLine(event: RuleRecord): string | undefined {
  const { parentArgs } = event.record.process
  return parentArgs.length === 0 ? undefined : joinedTexts(event, 'process.parentArgs', parentArgs)
}

function hashes({ record }: RuleRecord): string | undefined {
  const { exeSha256 } = record.process
  return exeSha256 === null ? undefined : `SHA256=${exeSha256.toUpperCase()}`
}
