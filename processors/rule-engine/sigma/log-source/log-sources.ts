// The supported log sources by their names in rules, and why the others are not supported.
import type { BoundExpression } from '../../compile/bound-tree.js'
import { PATH_SOURCE, fullNewPath, fullPath } from '../../fields/descriptor/call-path.js'
import { inEveryTopic, type BytePlan } from '../../fields/bytes/byte-plan.js'
import { from, type FieldDefinition } from '../../fields/field.js'
import type { RuleRecord } from '../../fields/rule-event.js'
import { joinedTexts } from '../../fields/record/record-text.js'
import { auditd } from './audit-source.js'
import { eventsWhere, eventsWith, type AnsweredSource, type LogSource, type LogSourceNames } from './log-source.js'
import { dnsLookups, networkConnection } from './network-sources.js'
import { catalogueFields, commonFields, ownField, sigmaFields } from './sigma-fields.js'

const NOT_COLLECTED: Readonly<Record<string, string>> = {
  file_change: 'changes of the times of files are not collected',
  process_access: 'accesses to other processes are kernel records without the fields of this category',
  create_remote_thread: 'Linux has no threads that other processes create',
  driver_load: 'loads of kernel modules have no fields of this category: hashes, signatures',
  image_load: 'libraries that are loaded are not collected',
  process_termination: 'ends of processes are not shown as this category yet',
}

const CATEGORIES: Readonly<Record<string, () => AnsweredSource>> = {
  process_creation: processCreation,
  file_event: fileEvent,
  file_rename: fileRename,
  file_delete: fileDelete,
  file_access: fileAccess,
  network_connection: networkConnection,
  dns_query: dnsLookups,
  dns: dnsLookups,
}

/** The log sources; each is created once per load, for the first rule that needs it. */
export class LogSources {
  readonly #made = new Map<string, AnsweredSource>()

  find({ product, category, service }: LogSourceNames): LogSource {
    if (product !== null && product !== 'linux') return { isAnswered: false, reason: `events of ${product} are not collected` }
    if (service === 'auditd') return this.#once('service auditd', auditd)
    if (service !== null) return { isAnswered: false, reason: `the log of ${service} is not read` }
    if (category === null) return { isAnswered: false, reason: 'logs of any service are not read' }
    const make = Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category] : undefined
    if (make !== undefined) return this.#once(category, make)
    const known = Object.hasOwn(NOT_COLLECTED, category) ? NOT_COLLECTED[category] : undefined
    return { isAnswered: false, reason: known ?? `events of category ${category} are not collected` }
  }

  /** The same object each time: evaluators share the verdict on a scope between rules. */
  #once(name: string, make: () => AnsweredSource): AnsweredSource {
    const made = this.#made.get(name) ?? make()
    this.#made.set(name, made)
    return made
  }
}

/** Every category and service that records answer, with its fields: for documentation. */
export function answeredSources(): readonly (readonly [name: string, source: AnsweredSource])[] {
  const categories = Object.entries(CATEGORIES).map(([name, make]) => [`category ${name}`, make()] as const)
  return [...categories, ['service auditd', auditd()] as const]
}

// Category process_creation, with the fields of Sysmon: successful execs only.

/** Sigma's command line begins with argv[0], Falco's with the command name. */
const FROM_CATALOGUE = {
  CommandLine: 'proc.exeline',
  ParentImage: 'proc.pexepath',
  ParentProcessId: 'proc.ppid',
  TerminalSessionId: 'proc.sid',
}

const PARENT_LINE = inEveryTopic({ kind: 'commandLine', generation: 1, head: 'none', from: 0 })

/** The category `process_creation`. */
export function processCreation(): AnsweredSource {
  const fields = sigmaFields([
    ...commonFields(),
    ...catalogueFields(FROM_CATALOGUE),
    ownField(
      'ParentCommandLine',
      'Command line of the parent, its first argument included.',
      from('Process.parentArgs', parentCommandLine, PARENT_LINE),
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

// File categories, with the fields of Sysmon. Every call that gives a file its name creates it: an open that creates or writes it, but also a rename, a link
// or a symbolic link. Otherwise, `mv` would evade every rule.

const OPENED = 'evt.type in (open, openat, openat2, creat, open_by_handle_at) and fd.num >= 0 and fd.typechar = f'
const RENAMED = 'evt.type in (rename, renameat, renameat2) and evt.rawres >= 0'
const LINKED = 'evt.type in (link, linkat, symlink, symlinkat) and evt.rawres >= 0'
const WRITTEN = `(${OPENED} and (evt.is_open_create = true or evt.is_open_write = true))`
const OWN_PATH: BytePlan = { kind: 'path', which: 'own' }
const UNLINKS = ['unlink', 'unlinkat']

/** An unlinkat that removed a folder does not count. */
const isUnlinked = (event: RuleRecord): boolean => event.topic === 'file' && event.record.type === 'unlink' && event.record.result >= 0

/** The current name of the file. */
function nameNow(event: RuleRecord): string | undefined {
  const hasNewName = event.topic === 'file' && (event.record.type === 'rename' || event.record.type === 'link')
  return hasNewName ? fullNewPath(event) : fullPath(event)
}

/** Created or written files. */
export function fileEvent(): AnsweredSource {
  return category(eventsWhere(`${WRITTEN} or (${RENAMED}) or (${LINKED})`), [
    target('Path of the file that was made or written.', nameNow, { kind: 'path', which: 'now' }),
  ])
}

/** Removed files. */
export function fileDelete(): AnsweredSource {
  return category(eventsWith(UNLINKS, 'deleted', isUnlinked), [target('Path of the file that was removed.', fullPath, OWN_PATH)])
}

/** Renamed files. */
export function fileRename(): AnsweredSource {
  const source = ownField('SourceFilename', 'Path that the file had.', from(PATH_SOURCE, fullPath, { file: OWN_PATH }))
  return category(eventsWhere(RENAMED), [target('Path that the file has now.', fullNewPath), source])
}

/** Files opened for reading. */
export function fileAccess(): AnsweredSource {
  const fileName = ownField('FileName', 'Path of the file that was opened.', from(PATH_SOURCE, fullPath, { file: OWN_PATH }))
  return category(eventsWhere(`${OPENED} and evt.is_open_read = true`), [
    target('Path of the file that was opened.', fullPath, OWN_PATH),
    fileName,
  ])
}

function target(doc: string, read: (event: RuleRecord) => string | undefined, plan?: BytePlan): FieldDefinition {
  const bytes = plan === undefined ? {} : { file: plan }
  return ownField('TargetFilename', doc, from(`${PATH_SOURCE} FileEvent.newPath FileEvent.type`, read, bytes))
}

function category(scope: BoundExpression, own: readonly FieldDefinition[]): AnsweredSource {
  return { isAnswered: true, scope, fields: sigmaFields([...commonFields(), ...own]), shapes: [] }
}
