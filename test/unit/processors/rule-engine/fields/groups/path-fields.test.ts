// Fields of calls on files that are no opens: renames, links, modes, owners, folders. A call on a path has no descriptor; its paths are arguments,
// resolved to absolute ones, and `fs.path.*` when it went well.
import assert from 'node:assert/strict'
import type { RuleRecord } from '../../../../../../processors/rule-engine/fields/rule-event.js'
import type { FileEvent } from '../../../../../../schemas/generated/types.js'
import { sampleFileEvent, sampleProcess } from '../../../../../support/records/sample-records.js'
import { fieldRows, fieldValue } from '../../../../../support/records/field-values.js'

const AT_FDCWD = -100

const change = (more: Partial<FileEvent>): RuleRecord => ({
  topic: 'file',
  record: sampleFileEvent({
    result: 0,
    flags: 0,
    isRead: false,
    pathSource: 'argument',
    descriptorType: null,
    inode: null,
    device: null,
    process: sampleProcess({ cwd: '/srv' }),
    ...more,
  }),
})

describe('fields of a rename', () => {
  const event = change({
    type: 'rename',
    syscall: 'renameat2',
    path: '/srv/./a//b',
    pathArgument: 'a//b',
    directoryFd: AT_FDCWD,
    newPath: '/usr/bin/x',
    newPathArgument: '/usr/lib/../bin/x',
    newDirectoryFd: 7,
    flags: 1,
  })
  fieldRows(event, [
    ['evt.type', 'renameat2'],
    ['evt.category', 'file'],
    ['evt.arg.oldpath', '/srv/a/b'],
    ['evt.rawarg.oldpath', 'a/b'],
    ['evt.arg.newpath', '/usr/bin/x'],
    ['evt.rawarg.newpath', '/usr/lib/../bin/x'],
    ['evt.arg.olddirfd', 'AT_FDCWD'],
    ['evt.arg.newdirfd', '7'],
    ['evt.arg.flags', 'RENAME_NOREPLACE'],
    ['evt.arg[0]', '0'],
    ['evt.arg[2]', '/srv/a/b'],
    ['evt.arg.name', undefined],
    [
      'evt.args',
      'res=0 olddirfd=-100(AT_FDCWD) oldpath=a/b(/srv/a/b) newdirfd=7 newpath=/usr/lib/../bin/x(/usr/bin/x) flags=1(RENAME_NOREPLACE)',
    ],
    ['fs.path.source', '/srv/a/b'],
    ['fs.path.sourceraw', 'a/b'],
    ['fs.path.target', '/usr/bin/x'],
    ['fs.path.targetraw', '/usr/lib/../bin/x'],
    ['fs.path.name', undefined],
    ['evt.abspath', '/srv/a/b'],
    ['evt.abspath.src', '/srv/a/b'],
    ['evt.abspath.dst', '/usr/bin/x'],
    ['fd.name', undefined],
    ['fd.num', undefined],
    ['fd.typechar', undefined],
    ['evt.is_open_write', false],
  ])

  it('that failed changed no path, and names its errno', () => {
    const failed = change({ type: 'rename', syscall: 'rename', result: -13, path: '/a', newPath: '/b' })
    assert.equal(fieldValue('evt.res', failed), 'EACCES')
    assert.equal(fieldValue('fs.path.source', failed), undefined)
    assert.equal(fieldValue('evt.arg.oldpath', failed), '/a')
    assert.equal(fieldValue('evt.count.error', failed), 1)
  })
})

describe('the new name', () => {
  const names = { path: '/etc/cron.d/x', newPath: '/tmp/x' } as const
  for (const [about, parts, expected] of [
    ['of a rename is the second', { type: 'rename', syscall: 'renameat2', flags: 0 }, '/tmp/x'],
    ['of an exchange is either', { type: 'rename', syscall: 'renameat2', flags: 2 }, ['/tmp/x', '/etc/cron.d/x']],
    ['of a refused exchange is none', { type: 'rename', syscall: 'renameat2', flags: 2, result: -1 }, undefined],
    ['of a link is the second, whatever its flags', { type: 'link', syscall: 'linkat', flags: 2 }, '/tmp/x'],
  ] as const)
    it(about, () => {
      assert.deepEqual(fieldValue('fs.path.new', change({ ...names, ...parts })), expected)
    })
})

describe('fields of links', () => {
  const hard = change({ type: 'link', syscall: 'linkat', path: '/etc/shadow', newPath: '/tmp/x' })
  const soft = change({ type: 'symlink', syscall: 'symlinkat', path: '/tmp/x', linkTarget: '../etc/shadow' })

  it('of a hard link: the old path exists, the new one is created, and the new one is the source', () => {
    assert.equal(fieldValue('evt.arg.oldpath', hard), '/etc/shadow')
    assert.equal(fieldValue('evt.arg.newpath', hard), '/tmp/x')
    assert.equal(fieldValue('fs.path.source', hard), '/tmp/x')
    assert.equal(fieldValue('fs.path.target', hard), '/etc/shadow')
  })
  it('of a symbolic link: the target is as it was given, and a relative one starts from the working directory', () => {
    assert.equal(fieldValue('evt.arg.target', soft), '../etc/shadow')
    assert.equal(fieldValue('evt.arg.linkpath', soft), '/tmp/x')
    assert.equal(fieldValue('fs.path.source', soft), '/tmp/x')
    assert.equal(fieldValue('fs.path.targetraw', soft), '../etc/shadow')
    assert.equal(fieldValue('fs.path.target', soft), '/etc/shadow')
  })
})

describe('fields of changes of modes and owners', () => {
  const S_ISUID = 0o4000
  it('of chmod are the names of the bits', () => {
    const event = change({ type: 'chmod', syscall: 'fchmodat', path: '/tmp/x', pathArgument: '/tmp/x', mode: S_ISUID | 0o755 })
    assert.equal(fieldValue('evt.arg.mode', event), 'S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID')
    assert.equal(fieldValue('evt.rawarg.mode', event), S_ISUID | 0o755)
    assert.equal(fieldValue('evt.arg.filename', event), '/tmp/x')
    assert.equal(fieldValue('fs.path.name', event), '/tmp/x')
    assert.equal(fieldValue('fd.name', event), undefined)
  })
  it('of fchmod have a descriptor', () => {
    const event = change({ type: 'chmod', syscall: 'fchmod', path: '/tmp/x', pathSource: 'kernel', fd: 4, descriptorType: 'file', mode: 0 })
    assert.equal(fieldValue('fd.num', event), 4)
    assert.equal(fieldValue('fd.name', event), '/tmp/x')
    assert.equal(fieldValue('fd.typechar', event), 'f')
    assert.equal(fieldValue('evt.arg.fd', event), '<f>/tmp/x')
    assert.equal(fieldValue('evt.arg.mode', event), '0')
    assert.equal(fieldValue('evt.arg.filename', event), undefined)
  })
  it('of chown are the new owner and group', () => {
    const event = change({ type: 'chown', syscall: 'fchownat', path: '/tmp/x', uid: 0, gid: -1, flags: 0x100 })
    assert.equal(fieldValue('evt.arg.pathname', event), '/tmp/x')
    assert.equal(fieldValue('evt.arg.uid', event), '0')
    assert.equal(fieldValue('evt.arg.gid', event), '-1')
    assert.equal(fieldValue('evt.arg.flags', event), 'AT_SYMLINK_NOFOLLOW')
  })
})

describe('fields of created and removed files', () => {
  it('name the path as each call does', () => {
    assert.equal(fieldValue('evt.arg.path', change({ type: 'mkdir', syscall: 'mkdir', path: '/bin/.x', mode: 0o755 })), '/bin/.x')
    assert.equal(fieldValue('evt.arg.mode', change({ type: 'mkdir', syscall: 'mkdirat', path: '/bin/.x', mode: 0o755 })), '0755')
    assert.equal(fieldValue('evt.arg.path', change({ type: 'unlink', syscall: 'unlink', path: '/bin/x' })), '/bin/x')
    assert.equal(fieldValue('evt.arg.name', change({ type: 'unlink', syscall: 'unlinkat', path: '/bin/x' })), '/bin/x')
    assert.equal(fieldValue('evt.arg.flags', change({ type: 'unlink', syscall: 'unlinkat', flags: 0x200 })), 'AT_REMOVEDIR')
    assert.equal(fieldValue('fs.path.name', change({ type: 'rmdir', syscall: 'rmdir', path: '/bin/x' })), '/bin/x')
  })
})

describe('fields of opens that only some have', () => {
  it('are the folder and the way of resolving', () => {
    const event = change({ type: 'open', syscall: 'openat2', result: 3, path: '/srv/x', pathArgument: 'x', directoryFd: 9, resolve: 8 | 4 })
    assert.equal(fieldValue('evt.arg.dirfd', event), '9')
    assert.equal(fieldValue('evt.arg.resolve', event), 'RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS')
    assert.equal(fieldValue('evt.arg.name', event), '/srv/x')
    assert.equal(fieldValue('evt.rawarg.name', event), 'x')
  })
  it('show that a file was created', () => {
    const event = change({ type: 'open', syscall: 'openat', result: 3, flags: 0o101, isCreate: true, isCreated: true, mode: 0o755 })
    assert.equal(fieldValue('evt.arg.flags', event), 'O_WRONLY|O_CREAT|O_F_CREATED')
    assert.equal(fieldValue('evt.is_open_exec', event), true)
    assert.equal(fieldValue('evt.is_open_create', event), true)
  })
  const created = { type: 'open', syscall: 'openat', result: 3, flags: 0o101, isCreate: true, isCreated: true, inode: '7' } as const
  for (const [about, parts, expected] of [
    ['set-user-id', { mode: 0o4755 }, true],
    ['set-group-id, and the group may execute it', { mode: 0o2710 }, true],
    ['set-group-id, and the group may not', { mode: 0o2664 }, false],
    ['a sticky bit', { mode: 0o1777 }, false],
    ['the mode of a file that existed', { mode: 0o4755, isCreated: false }, false],
    ['a file that is not known, which counts as new', { mode: 0o4755, isCreated: false, inode: null }, true],
    ['a file without a name', { mode: 0o4755, isCreated: false, flags: 0o20200001 }, true],
    ['a refused call', { mode: 0o4755, isCreated: false, result: -13 }, false],
  ] as const)
    it(`show whether a file was created with a set-user-id bit: ${about}`, () => {
      assert.equal(fieldValue('evt.is_open_setid', change({ ...created, ...parts })), expected)
    })
  it('have the whole path of a folder as its directory, and no file name', () => {
    const event = change({
      type: 'open',
      syscall: 'openat',
      result: 3,
      path: '/root/.ssh',
      pathSource: 'kernel',
      descriptorType: 'directory',
    })
    assert.equal(fieldValue('fd.typechar', event), 'd')
    assert.equal(fieldValue('fd.type', event), 'directory')
    assert.equal(fieldValue('fd.directory', event), '/root/.ssh')
    assert.equal(fieldValue('fd.filename', event), undefined)
  })
  it('are those of a file, as in Falco, even for a device or a pipe', () => {
    const event = change({ type: 'open', syscall: 'openat', result: 3, path: '/dev/sda', descriptorType: 'block_device' })
    assert.equal(fieldValue('fd.typechar', event), 'f')
  })
})
