// Records of type PATH: one for each name that a call used, with its `nametype`: the file, the new name of a rename or link, and their folders if the call
// changed them. The name is an absolute path, also if the call passed a relative one.
import { PATH_SOURCE, directoryOf, fullNewPath, fullPath } from '../../fields/descriptor/call-path.js'
import type { AuditPath, BytePlan } from '../../fields/bytes/byte-plan.js'
import { from, type FieldDefinition } from '../../fields/field.js'
import type { RuleRecord } from '../../fields/rule-event.js'
import { COLLECTED_TYPES_OF, eventTypeOf } from '../../fields/record/event-type.js'
import { recordText } from '../../fields/record/record-text.js'
import { EXECS } from './audit-syscall.js'
import { presenceField, type RecordShape } from './log-source.js'
import { ownField, sigmaFields } from './sigma-fields.js'

const TYPE = 'PATH'
const KNOWN = { type: TYPE }
const ENOENT = -2
const SOURCE = `ProcessEvent.type ProcessEvent.result FileEvent.type FileEvent.result FileEvent.isCreated FileEvent.newPath ${PATH_SOURCE}`

/** One of the names of a call. */
interface Name {
  readonly name: string
  readonly nametype: string
}

const OPENS = ['open', 'openat', 'openat2', 'creat', 'open_by_handle_at']
const REMOVALS = ['unlink', 'unlinkat', 'rmdir']
const RENAMES = ['rename', 'renameat', 'renameat2']
const LINKS = ['link', 'linkat']
const CREATIONS = ['symlink', 'symlinkat', 'mkdir', 'mkdirat', 'mknod', 'mknodat']
const KERNEL_PATHS = ['mount', 'umount2', 'pivot_root', 'chroot', ...['mknod', 'mknodat']]

/** The name types of calls of an event type; null if they depend on the event. */
const NAMETYPE_OF: ReadonlyMap<string, string> = new Map([
  ...[...REMOVALS, ...RENAMES].map((type): [string, string] => [type, 'DELETE']),
  ...CREATIONS.map((type): [string, string] => [type, 'CREATE']),
])

const READS: Readonly<Record<AuditPath, ReadName>> = { own: ownName, new: newName, parent: parentName, newParent: newParentName }

/** Every shape of a record of this type. */
export function paths(): RecordShape[] {
  const kinds: readonly (readonly [name: string, eventTypes: readonly string[], which: AuditPath])[] = [
    ['PATH', [...EXECS, ...COLLECTED_TYPES_OF.file, ...KERNEL_PATHS], 'own'],
    ['PATH[new]', [...RENAMES, ...LINKS], 'new'],
    ['PATH[parent]', [...OPENS, ...REMOVALS, ...RENAMES, ...CREATIONS], 'parent'],
    ['PATH[new parent]', [...RENAMES, ...LINKS], 'newParent'],
  ]
  const all = kinds.map(([, , which]) => which)
  const together = shape('PATH[any]', kinds[0]?.[1] ?? [], all, null)
  return kinds.map(([name, eventTypes, which]) => shape(name, eventTypes, [which], together))
}

/** The names for people, without folders. Several values are shown from the last to the first, so the order is old -> new. */
export function pathsTouched(): RecordShape {
  return shape('PATH', [], ['new', 'own'], null)
}

type ReadName = (event: RuleRecord) => Name | null

/** Reads names. Those of the last event are cached, since each field of a record needs them and every open is read. */
function namesBy(reads: readonly ReadName[]): (event: RuleRecord) => readonly Name[] {
  let last: RuleRecord | null = null
  let names: Name[] = []
  return (event) => {
    if (event === last) return names
    names = []
    for (const read of reads) {
      const name = read(event)
      if (name !== null) names.push(name)
    }
    last = event
    return names
  }
}

function shape(name: string, eventTypes: readonly string[], which: readonly AuditPath[], together: RecordShape | null): RecordShape {
  const namesOf = namesBy(which.map((one) => READS[one]))
  const textField = (field: string, doc: string, read: (item: Name) => string, plan?: BytePlan): FieldDefinition =>
    ownField(
      field,
      doc,
      from(
        SOURCE,
        (event) => {
          const names = namesOf(event)
          const [first] = names
          if (first === undefined) return undefined
          return names.length === 1 ? read(first) : names.map(read)
        },
        plan === undefined ? {} : { process: plan, file: plan },
      ),
    )
  return {
    name,
    fields: sigmaFields([
      textField('type', 'Type of the record.', () => TYPE),
      textField('name', 'Absolute path.', (item) => item.name, { kind: 'auditPaths', which }),
      textField('nametype', 'NORMAL, CREATE, DELETE, PARENT; UNKNOWN when there was no such file.', (item) => item.nametype, {
        kind: 'auditNameTypes',
        which,
      }),
    ]),
    presence: presenceField(name, (event) => namesOf(event).length > 0),
    isShared: false,
    together,
    eventTypes: () => eventTypes,
    known: () => KNOWN,
  }
}

function ownName(event: RuleRecord): Name | null {
  const name = event.topic === 'process' ? executable(event) : fullPath(event)
  if (name === undefined) return null
  return { name, nametype: outcome(event) }
}

/** The file of an exec, also of a refused one. */
function executable(event: RuleRecord): string | undefined {
  if (event.topic !== 'process' || event.record.type !== 'exec') return undefined
  const { result, filename, process } = event.record
  return result < 0 ? recordText(event, 'filename', filename) : recordText(event, 'process.exePath', process.exePath)
}

function outcome(event: RuleRecord): string {
  if (event.record.result < 0) return event.record.result === ENOENT ? 'UNKNOWN' : 'NORMAL'
  if (event.topic === 'file' && event.record.type === 'open') return event.record.isCreated ? 'CREATE' : 'NORMAL'
  return NAMETYPE_OF.get(eventTypeOf(event) ?? '') ?? 'NORMAL'
}

function newName(event: RuleRecord): Name | null {
  const name = isDone(event) ? fullNewPath(event) : undefined
  return name === undefined ? null : { name, nametype: 'CREATE' }
}

/** An open has a record of the folder only if it can create the file. */
function parentName(event: RuleRecord): Name | null {
  if (!isDone(event) || (event.topic === 'file' && event.record.type === 'open' && !event.record.isCreate)) return null
  return parentOf(fullPath(event))
}

function newParentName(event: RuleRecord): Name | null {
  return isDone(event) ? parentOf(fullNewPath(event)) : null
}

/** auditd writes folders with a trailing slash. */
function parentOf(path: string | undefined): Name | null {
  if (path === undefined) return null
  const folder = directoryOf(path)
  return { name: folder.endsWith('/') ? folder : `${folder}/`, nametype: 'PARENT' }
}

const isDone = ({ topic, record }: RuleRecord): boolean => (topic === 'file' || topic === 'kernel') && record.result >= 0
