// What a call that went well did to the file system: the one path that it was about, or source and target of one with two. `fs.path.*`.
import type { RuleRecord } from '../../judged-event.js'
import { fullLinkTarget, fullNewPath, fullPath, givenNewPath, givenPath, GIVEN_PATH_SOURCE, linkTarget, PATH_SOURCE } from './call-path.js'
import { recordText } from './record-text.js'

/** `raw`: as the process gave it. */
export type PathForm = 'full' | 'raw'
export type PathPart = 'name' | 'source' | 'target'

const HEAD = 'FileEvent.type FileEvent.result KernelEvent.type KernelEvent.result'
const FULL = PATH_SOURCE
const RAW = `${GIVEN_PATH_SOURCE} ${PATH_SOURCE}`
const TWO = 'FileEvent.newPath FileEvent.newPathArgument FileEvent.pathSource FileEvent.linkTarget Process.cwd KernelEvent.source'

/** What {@link changedPath} reads. */
export function changedPathSource(part: PathPart): string {
  return `${HEAD} ${FULL} ${RAW} ${part === 'name' ? '' : TWO}`.trim()
}

/** Types of records with the part in them. */
export function changedPathKinds(part: PathPart): { file: readonly string[]; kernel: readonly string[] } {
  return part === 'name'
    ? { file: ['open', 'unlink', 'chmod', 'chown', 'mkdir', 'rmdir'], kernel: ['umount', 'chroot', 'mknod'] }
    : { file: ['rename', 'link', 'symlink'], kernel: ['mount'] }
}

/** A path of a call that went well; undefined for every other event. Of a link the new name is the source, as Falco has it. */
export function changedPath(event: RuleRecord, part: PathPart, form: PathForm): string | undefined {
  if ((event.topic !== 'file' && event.topic !== 'kernel') || event.record.result < 0) return undefined
  const { type } = event.record
  const [first, second] = firstAndSecond(event, form)
  if (part === 'name') return isOne(type) ? first : undefined
  switch (type) {
    case 'rename':
    case 'mount':
    case 'symlink':
      return part === 'source' ? first : second
    case 'link':
      return part === 'source' ? second : first
    default:
      return undefined
  }
}

function isOne(type: string): boolean {
  const { file, kernel } = changedPathKinds('name')
  return file.includes(type) || kernel.includes(type)
}

function firstAndSecond(event: RuleRecord, form: PathForm): readonly [string | undefined, string | undefined] {
  const own = form === 'full' ? fullPath(event) : (givenPath(event) ?? fullPath(event))
  if (event.topic === 'kernel') return event.record.type === 'mount' ? [mountSource(event), own] : [own, undefined]
  if (event.topic === 'file' && event.record.type === 'symlink') return [own, form === 'full' ? fullLinkTarget(event) : linkTarget(event)]
  return [own, form === 'full' ? fullNewPath(event) : (givenNewPath(event) ?? fullNewPath(event))]
}

/** What is mounted may be any text, so it is never made a path. */
function mountSource(event: RuleRecord): string | undefined {
  return event.topic === 'kernel' ? recordText(event, 'source', event.record.source) : undefined
}
