// Categories of files, in the fields of Sysmon. A file is created by whatever gives it its name: an open that makes or writes it, but also
// a rename, a link or a symbolic link, or `mv` would go around every rule.
import { from } from '../../fields/field.js'
import type { FieldDefinition } from '../../fields/field.js'
import type { BoundExpression } from '../../compile/bound-tree.js'
import { fullNewPath, fullPath, PATH_SOURCE } from '../../fields/descriptor/call-path.js'
import type { RuleRecord } from '../../fields/judged-event.js'
import { commonFields } from './common-fields.js'
import { eventsWhere, eventsWith } from './event-scope.js'
import type { AnsweredSource } from './log-source.js'
import { ownField, sigmaFields } from './sigma-fields.js'

const OPENED = 'evt.type in (open, openat, openat2, creat, open_by_handle_at) and fd.num >= 0 and fd.typechar = f'
const RENAMED = 'evt.type in (rename, renameat, renameat2) and evt.rawres >= 0'
const LINKED = 'evt.type in (link, linkat, symlink, symlinkat) and evt.rawres >= 0'
const WRITTEN = `(${OPENED} and (evt.is_open_create = true or evt.is_open_write = true))`
const UNLINKS = ['unlink', 'unlinkat']

/** An unlinkat that removed a folder is none of a file. */
const isUnlinked = (event: RuleRecord): boolean => event.topic === 'file' && event.record.type === 'unlink' && event.record.result >= 0

/** The name that the file has now. */
function nameNow(event: RuleRecord): string | undefined {
  const hasNewName = event.topic === 'file' && (event.record.type === 'rename' || event.record.type === 'link')
  return hasNewName ? fullNewPath(event) : fullPath(event)
}

/** Files that were made or written. */
export function fileEvent(): AnsweredSource {
  return category(eventsWhere(`${WRITTEN} or (${RENAMED}) or (${LINKED})`), [target('Path of the file that was made or written.', nameNow)])
}

/** Files that were removed. */
export function fileDelete(): AnsweredSource {
  return category(eventsWith(UNLINKS, 'deleted', isUnlinked), [target('Path of the file that was removed.', fullPath)])
}

/** Files that were given another name. */
export function fileRename(): AnsweredSource {
  const source = ownField('SourceFilename', 'Path that the file had.', from(PATH_SOURCE, fullPath))
  return category(eventsWhere(RENAMED), [target('Path that the file has now.', fullNewPath), source])
}

/** Files that were opened to be read. */
export function fileAccess(): AnsweredSource {
  const fileName = ownField('FileName', 'Path of the file that was opened.', from(PATH_SOURCE, fullPath))
  return category(eventsWhere(`${OPENED} and evt.is_open_read = true`), [target('Path of the file that was opened.', fullPath), fileName])
}

function target(doc: string, read: (event: RuleRecord) => string | undefined): FieldDefinition {
  return ownField('TargetFilename', doc, from(`${PATH_SOURCE} FileEvent.newPath FileEvent.type`, read))
}

function category(scope: BoundExpression, own: readonly FieldDefinition[]): AnsweredSource {
  return { isAnswered: true, scope, fields: sigmaFields([...commonFields(), ...own]), shapes: [] }
}
