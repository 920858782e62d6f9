// Arguments of the calls on files. The plain text of a path is the path as given, the resolved text is the full path.
import { modeText, openFlagsText, pathCallFlagsText, resolveFlagsText } from '../kernel-names/file-flags.js'
import { fullNewPath, fullPath, givenNewPath, givenPath, GIVEN_PATH_SOURCE, linkTarget, PATH_SOURCE } from '../descriptor/call-path.js'
import {
  DESCRIPTOR,
  FOLDER,
  HEX,
  OCTAL,
  pathStyle,
  RESULT,
  argumentMaker,
  named,
  type ArgumentTable,
  type EventArgument,
  type EventOf,
} from './event-argument.js'
import { inodeNumber } from '../field-value.js'
import { recordText } from '../record/record-text.js'

type Event = EventOf<'file'>
const argument = argumentMaker<Event>('FileEvent')

const res = argument('res', 'FileEvent.result', ({ record }) => record.result, RESULT)
const newFd = argument('fd', 'FileEvent.result', ({ record }) => record.result, DESCRIPTOR)
const givenFd = argument('fd', 'FileEvent.fd', ({ record }) => record.fd, DESCRIPTOR)
const path = (name: string): EventArgument<Event> =>
  argument(
    name,
    `${GIVEN_PATH_SOURCE} ${PATH_SOURCE}`,
    (event) => givenPath(event) ?? fullPath(event),
    pathStyle(fullPath, PATH_SOURCE, { kind: 'path', which: 'argument' }),
  )
const newPath = argument(
  'newpath',
  'FileEvent.newPathArgument FileEvent.newPath FileEvent.pathSource',
  (event) => givenNewPath(event) ?? fullNewPath(event),
  pathStyle(fullNewPath, 'FileEvent.newPath FileEvent.pathSource', { kind: 'path', which: 'newArgument' }),
)
const folder = (name: string): EventArgument<Event> => argument(name, 'FileEvent.directoryFd', ({ record }) => record.directoryFd, FOLDER)
const newFolder = (name: string): EventArgument<Event> =>
  argument(name, 'FileEvent.newDirectoryFd', ({ record }) => record.newDirectoryFd, FOLDER)
const openFlags = argument('flags', 'FileEvent.flags', ({ record }) => record.flags, {
  resolvedSource: 'FileEvent.isCreated',
  resolved: (raw, { record }) => (typeof raw === 'number' ? openFlagsText(raw, record.isCreated) : ''),
})
const callFlags = argument('flags', 'FileEvent.flags', ({ record }) => record.flags, {
  resolvedSource: 'FileEvent.syscall',
  resolved: (raw, { record }) => (typeof raw === 'number' ? pathCallFlagsText(record.syscall, raw) : ''),
})
const openMode = argument('mode', 'FileEvent.mode', ({ record }) => record.mode ?? 0, OCTAL)
const newMode = argument('mode', 'FileEvent.mode', ({ record }) => record.mode, { ...OCTAL, ...named(modeText) })
const place = [
  argument('dev', 'FileEvent.device', ({ record }) => record.device, HEX),
  argument('ino', 'FileEvent.inode', ({ record }) => inodeNumber(record.inode), {}),
]
const resolve = argument('resolve', 'FileEvent.resolve', ({ record }) => record.resolve, named(resolveFlagsText))
const target = argument('target', 'FileEvent.linkTarget', (event) => linkTarget(event))
const owner = [argument('uid', 'FileEvent.uid', ({ record }) => record.uid), argument('gid', 'FileEvent.gid', ({ record }) => record.gid)]
const size = (name: string): EventArgument<Event> => argument(name, 'FileEvent.size', ({ record }) => record.size ?? undefined)
const attribute = argument('name', 'FileEvent.attribute', (event) => recordText(event, 'attribute', event.record.attribute))

/** Arguments in Falco's order and under its names, which differ from call to call. */
export const FILE_ARGUMENTS: ArgumentTable<Event> = {
  open: [newFd, path('name'), openFlags, openMode, ...place],
  openat: [newFd, folder('dirfd'), path('name'), openFlags, openMode, ...place],
  openat2: [newFd, folder('dirfd'), path('name'), openFlags, openMode, resolve, ...place],
  creat: [newFd, path('name'), openMode, ...place, openFlags],
  open_by_handle_at: [newFd, openFlags, path('path'), ...place],
  rename: [res, path('oldpath'), newPath],
  renameat: [res, folder('olddirfd'), path('oldpath'), newFolder('newdirfd'), newPath],
  renameat2: [res, folder('olddirfd'), path('oldpath'), newFolder('newdirfd'), newPath, callFlags],
  link: [res, path('oldpath'), newPath],
  linkat: [res, folder('olddir'), path('oldpath'), newFolder('newdir'), newPath, callFlags],
  symlink: [res, target, path('linkpath')],
  symlinkat: [res, target, folder('linkdirfd'), path('linkpath')],
  unlink: [res, path('path')],
  unlinkat: [res, folder('dirfd'), path('name'), callFlags],
  mkdir: [res, path('path'), openMode],
  mkdirat: [res, folder('dirfd'), path('path'), openMode],
  rmdir: [res, path('path')],
  chmod: [res, path('filename'), newMode],
  fchmod: [res, givenFd, newMode],
  fchmodat: [res, folder('dirfd'), path('filename'), newMode],
  fchmodat2: [res, folder('dirfd'), path('filename'), newMode, callFlags],
  chown: [res, path('path'), ...owner],
  lchown: [res, path('path'), ...owner],
  fchown: [res, givenFd, ...owner],
  fchownat: [res, folder('dirfd'), path('pathname'), ...owner, callFlags],
  truncate: [res, path('path'), size('length')],
  ftruncate: [res, givenFd, size('length')],
  setxattr: [res, path('path'), attribute, size('size'), callFlags],
  lsetxattr: [res, path('path'), attribute, size('size'), callFlags],
  fsetxattr: [res, givenFd, attribute, size('size'), callFlags],
  setxattrat: [res, folder('dirfd'), path('path'), callFlags, attribute, size('size')],
  removexattr: [res, path('path'), attribute],
  lremovexattr: [res, path('path'), attribute],
  fremovexattr: [res, givenFd, attribute],
  removexattrat: [res, folder('dirfd'), path('path'), callFlags, attribute],
  utime: [res, path('path')],
  utimes: [res, path('path')],
  futimesat: [res, folder('dirfd'), path('path')],
  utimensat: [res, folder('dirfd'), path('path'), callFlags],
}
