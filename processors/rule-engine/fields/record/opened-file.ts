// What an open event says of its file, in the form in which the `fd.*`, `fs.path.*` and `evt.arg.*` fields show it.
import type { FileEvent } from '../../../../schemas/generated/types.js'
import type { RuleRecord } from '../../judged-event.js'
import { recordText } from './record-text.js'

const O_DIRECTORY = 0o200000
const O_TMPFILE_BIT = 0o20000000

/** The open behind an event; null for all other events. */
export function openOf(event: RuleRecord): FileEvent | null {
  return event.topic === 'file' && event.record.type === 'open' ? event.record : null
}

/** Absolute path without `.`, `..` and doubled slashes, as byte text; undefined when it is not known. */
export function openedPath(event: RuleRecord): string | undefined {
  const open = openOf(event)
  if (open === null) return undefined
  const path = recordText(event, 'path', open.path)
  return path === undefined || open.pathSource === 'kernel' ? path : normalPath(path)
}

/** Path as the process gave it, only doubled slashes removed. */
export function givenPath(event: RuleRecord): string | undefined {
  const open = openOf(event)
  if (open === null) return undefined
  return recordText(event, 'pathArgument', open.pathArgument)?.replace(/\/{2,}/g, '/')
}

export function isDirectoryOpen(open: FileEvent): boolean {
  return (open.flags & O_DIRECTORY) !== 0 && (open.flags & O_TMPFILE_BIT) === 0
}

/** The folder part of a path: `/` for what lies in the root or has no slash. */
export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/')
  if (slash <= 0) return '/'
  return slash === path.length - 1 ? path : path.slice(0, slash)
}

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
