// Paths of an event as `fd.*`, `fs.path.*` and `evt.arg.*` show them: absolute, without `.`, `..` and repeated slashes, and as the process
// gave them. Also what a successful call changed: its one path, or the source and target of a call with two.
import { singleSlashes } from '../../../../infra/text/glob.js'
import type { FileEvent } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../rule-event.js'
import { recordText } from '../record/record-text.js'

const O_DIRECTORY = 0o200000
const O_TMPFILE_BIT = 0o20000000

/** What {@link fullPath} reads. */
export const PATH_SOURCE = 'FileEvent.path FileEvent.pathSource KernelEvent.path KernelEvent.pathSource'
/** What {@link givenPath} reads. */
export const GIVEN_PATH_SOURCE = 'FileEvent.pathArgument KernelEvent.pathArgument'

/** The record of an open event; null for all other events. */
export function openOf(event: RuleRecord): FileEvent | null {
  return event.topic === 'file' && event.record.type === 'open' ? event.record : null
}

/** Absolute path of the event, as byte text; undefined if it has none or it is not known. */
export function fullPath(event: RuleRecord): string | undefined {
  if (event.topic !== 'file' && event.topic !== 'kernel') return undefined
  const path = recordText(event, 'path', event.record.path)
  return path === undefined || event.record.pathSource === 'kernel' ? path : normalPath(path)
}

/** The second path of a rename or link. */
export function fullNewPath(event: RuleRecord): string | undefined {
  if (event.topic !== 'file') return undefined
  const path = recordText(event, 'newPath', event.record.newPath)
  return path === undefined || event.record.pathSource === 'kernel' ? path : normalPath(path)
}

/** Path as the process gave it, except for repeated slashes. */
export function givenPath(event: RuleRecord): string | undefined {
  if (event.topic !== 'file' && event.topic !== 'kernel') return undefined
  const path = recordText(event, 'pathArgument', event.record.pathArgument)
  return path === undefined ? undefined : singleSlashes(path)
}

/** The second path of a rename or link as the process gave it. */
export function givenNewPath(event: RuleRecord): string | undefined {
  const path = event.topic === 'file' ? recordText(event, 'newPathArgument', event.record.newPathArgument) : undefined
  return path === undefined ? undefined : singleSlashes(path)
}

/** The target of a symlink, as given. */
export function linkTarget(event: RuleRecord): string | undefined {
  return event.topic === 'file' ? recordText(event, 'linkTarget', event.record.linkTarget) : undefined
}

/** The target as an absolute path. As in Falco, a relative target starts from the working directory. */
function fullLinkTarget(event: RuleRecord): string | undefined {
  const target = linkTarget(event)
  if (target === undefined || target === '' || target.startsWith('/')) return target === undefined ? undefined : normalPath(target)
  const cwd = recordText(event, 'process.cwd', event.record.process.cwd)
  return cwd === undefined ? undefined : normalPath(`${cwd}/${target}`)
}

// @see include/uapi/linux/fs.h
const RENAME_EXCHANGE = 2

/** Whether both names changed their files (RENAME_EXCHANGE). */
export function isExchange({ type, flags }: Pick<FileEvent, 'type' | 'flags'>): boolean {
  return type === 'rename' && (flags & RENAME_EXCHANGE) !== 0
}

/** Whether an open requested a folder. */
export function isDirectoryOpen(open: FileEvent): boolean {
  return (open.flags & O_DIRECTORY) !== 0 && (open.flags & O_TMPFILE_BIT) === 0
}

/** The folder part of a path: `/` for a path in the root or without a slash. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/')
  if (slash <= 0) return '/'
  return slash === path.length - 1 ? path : path.slice(0, slash)
}

/** Without `.`, `..` and repeated slashes, by text only: symbolic links are not followed. */
function normalPath(path: string): string {
  const isAbsolute = path.startsWith('/')
  const components: string[] = []
  for (const component of path.split('/')) {
    if (component === '' || component === '.') continue
    if (component === '..' && (isAbsolute || (components.length > 0 && components.at(-1) !== '..'))) components.pop()
    else components.push(component)
  }
  return (isAbsolute ? '/' : '') + components.join('/')
}

/** `raw`: as the process gave it. */
export type PathForm = 'full' | 'raw'
/** Which path of a call: the only one, or one of two. */
export type PathPart = 'name' | 'source' | 'target'

const HEAD = 'FileEvent.type FileEvent.result KernelEvent.type KernelEvent.result FileEvent.path FileEvent.pathSource'
const SOURCES: Readonly<Record<PathPart, Readonly<Record<PathForm, string>>>> = {
  name: {
    full: 'KernelEvent.path KernelEvent.pathSource',
    raw: 'FileEvent.pathArgument KernelEvent.path KernelEvent.pathSource KernelEvent.pathArgument',
  },
  source: {
    full: 'FileEvent.newPath KernelEvent.source',
    raw: 'FileEvent.pathArgument FileEvent.newPath FileEvent.newPathArgument KernelEvent.source',
  },
  target: {
    full: 'FileEvent.newPath FileEvent.linkTarget Process.cwd KernelEvent.path KernelEvent.pathSource',
    raw:
      'FileEvent.pathArgument FileEvent.newPath FileEvent.newPathArgument FileEvent.linkTarget KernelEvent.path KernelEvent.pathSource ' +
      'KernelEvent.pathArgument',
  },
}

/** What {@link changedPath} reads. */
export function changedPathSource(part: PathPart, form: PathForm): string {
  return `${HEAD} ${SOURCES[part][form]}`
}

const ONE_PATH = {
  file: ['open', 'unlink', 'chmod', 'chown', 'mkdir', 'rmdir', 'truncate', 'xattr', 'times'],
  kernel: ['umount', 'chroot', 'mknod'],
}
const TWO_PATHS = { file: ['rename', 'link', 'symlink'], kernel: ['mount'] }

/** Record types that have the part. */
export function changedPathKinds(part: PathPart): { file: readonly string[]; kernel: readonly string[] } {
  return part === 'name' ? ONE_PATH : TWO_PATHS
}

/** A path of a successful call; undefined for every other event. As in Falco, the source of a link is its new name. */
export function changedPath(event: RuleRecord, part: PathPart, form: PathForm): string | undefined {
  if ((event.topic !== 'file' && event.topic !== 'kernel') || event.record.result < 0) return undefined
  const { type } = event.record
  if (part === 'name') return changedPathKinds(part)[event.topic].includes(type) ? own(event, form) : undefined
  const isSource = part === 'source'
  switch (type) {
    case 'rename':
      return isSource ? own(event, form) : second(event, form)
    case 'link':
      return isSource ? second(event, form) : own(event, form)
    case 'symlink':
      if (isSource) return own(event, form)
      return form === 'full' ? fullLinkTarget(event) : linkTarget(event)
    case 'mount':
      return isSource ? mountSource(event) : own(event, form)
    default:
      return undefined
  }
}

function own(event: RuleRecord, form: PathForm): string | undefined {
  return form === 'full' ? fullPath(event) : (givenPath(event) ?? fullPath(event))
}

function second(event: RuleRecord, form: PathForm): string | undefined {
  return form === 'full' ? fullNewPath(event) : (givenNewPath(event) ?? fullNewPath(event))
}

/** What is mounted may be any text, so it is never normalized as a path. */
function mountSource(event: RuleRecord): string | undefined {
  return event.topic === 'kernel' ? recordText(event, 'source', event.record.source) : undefined
}
