// Fields of where a file lies, whatever name the process used for it: `fd.seen_name`, `fd.fs_path`, `fd.mount_id`, and how it was reached. Falco
// does not have them.
import type { PathPlace } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { field, from, type FieldDefinition } from '../field.js'
import { fullPath, PATH_SOURCE } from '../descriptor/call-path.js'
import { recordText } from '../record/record-text.js'

const PLACE = 'FileEvent.place KernelEvent.place'
const WITH_PLACE = { kinds: { file: 'all', kernel: 'all' }, isOwn: true } as const

function placeOf(event: RuleRecord): PathPlace | null {
  return event.topic === 'file' || event.topic === 'kernel' ? event.record.place : null
}

/** The path as the process sees it. */
function seenName(event: RuleRecord): string | undefined {
  return recordText(event, 'place.seenPath', placeOf(event)?.seenPath ?? null) ?? fullPath(event)
}

/** Undefined when it is not known: of a path from arguments that lies below the folder of its place. */
function fileSystemPath(event: RuleRecord): string | undefined {
  const place = placeOf(event)
  if (place === null) return undefined
  return recordText(event, 'place.fileSystemPath', place.fileSystemPath) ?? seenName(event)
}

/** False without a place: a file of the host that was reached through the host's root. Undefined for an event without a path. */
function isForeignRoot(event: RuleRecord): boolean | undefined {
  if (fullPath(event) === undefined) return undefined
  const place = placeOf(event)
  return place === null ? false : (place.isForeignRoot ?? undefined)
}

const isUnreachable = (event: RuleRecord): boolean | undefined =>
  fullPath(event) === undefined ? undefined : (placeOf(event)?.isUnreachable ?? false)

/** N of /proc/N and of what is below it, wherever that proc is mounted. */
function procPid(event: RuleRecord): number | undefined {
  const number = /(?:^|\/)proc\/([1-9][0-9]{0,9})(?:\/|$)/.exec(fullPath(event) ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}

/** The fields of this group, as lists show them. */
export const PLACE_FIELDS: readonly FieldDefinition[] = [
  field(
    'fd.seen_name',
    'CHARBUF',
    'Path of the file as the process sees it. fd.name differs for a file of the host that it sees under another name: there it is the path on the host.',
    from(`${PLACE} PathPlace.seenPath ${PATH_SOURCE}`, seenName),
    WITH_PLACE,
  ),
  field(
    'fd.fs_path',
    'CHARBUF',
    'Path of the file from the top of its file system, across no mount; absent for a file of the host that was reached under its own name.',
    from(`${PLACE} PathPlace.fileSystemPath PathPlace.seenPath ${PATH_SOURCE}`, fileSystemPath),
    WITH_PLACE,
  ),
  field(
    'fd.proc_pid',
    'INT64',
    'Process of a file in proc: the number in its path, as the pid namespace of that proc counts; absent for other files.',
    from(PATH_SOURCE, procPid),
    WITH_PLACE,
  ),
  field(
    'fd.mount_id',
    'INT64',
    'Mount that the file was reached through, as /proc/PID/mountinfo numbers it; absent as fd.fs_path.',
    from(`${PLACE} PathPlace.mountId`, (event) => placeOf(event)?.mountId),
    WITH_PLACE,
  ),
  field(
    'fd.is_foreign_root',
    'BOOL',
    'The root of the process is not that of the host: chroot, pivot_root, or another mount namespace, as containers have.',
    from(`${PLACE} PathPlace.isForeignRoot ${PATH_SOURCE}`, isForeignRoot),
    WITH_PLACE,
  ),
  field(
    'fd.is_unreachable',
    'BOOL',
    'The file lies outside of the root of the process, in a detached mount, or was deleted.',
    from(`${PLACE} PathPlace.isUnreachable ${PATH_SOURCE}`, isUnreachable),
    WITH_PLACE,
  ),
]
