// What a call that went well did to the file system: the one path that it was about, or source and target of one with two. `fs.path.*`.
import type { RuleRecord } from '../judged-event.js'
import { fullLinkTarget, fullNewPath, fullPath, givenNewPath, givenPath, linkTarget } from './call-path.js'
import { recordText } from '../record/record-text.js'

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

const ONE_PATH = { file: ['open', 'unlink', 'chmod', 'chown', 'mkdir', 'rmdir'], kernel: ['umount', 'chroot', 'mknod'] }
const TWO_PATHS = { file: ['rename', 'link', 'symlink'], kernel: ['mount'] }

/** Types of records with the part in them. */
export function changedPathKinds(part: PathPart): { file: readonly string[]; kernel: readonly string[] } {
  return part === 'name' ? ONE_PATH : TWO_PATHS
}

/** A path of a call that went well; undefined for every other event. Of a link the new name is the source, as Falco has it. */
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

/** What is mounted may be any text, so it is never made a path. */
function mountSource(event: RuleRecord): string | undefined {
  return event.topic === 'kernel' ? recordText(event, 'source', event.record.source) : undefined
}
