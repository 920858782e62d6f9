// Opens through the one sys_exit hook: what a record says must be what the call was, and where the file really is.
import { KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { constants as fs, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelKnobs } from '../../../native/kernel-control.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { makeCgroup } from './cgroup-folder.js'
import { drain, openOf, refusedOf } from './kernel-records.js'
import { openSession, totalOf, useWatch } from './watch.js'
import { Workloads } from './workload.js'

const OPEN = 2
const CREAT = 85
const OPEN_BY_HANDLE_AT = 304
const OPENAT = 257
const OPENAT2 = 437
const ENOENT = 2
const EBADF = 9
const EFAULT = 14
const ENOTDIR = 20
const PATH_UNREACHABLE = 1 << 9
const ARGUMENT_TRUNCATED = 1 << 5
const ARGUMENT_FAULT = 1 << 8
const PATH_IS_BASE = 1 << 13
const O_TMPFILE = 0o20200000

describe('open probe', () => {
  const watch = useWatch()
  let workloads: Workloads
  before(() => {
    workloads = new Workloads()
  })
  after(() => workloads.close())

  function folderOf(name: string): string {
    const folder = join(workloads.folder, `folder-${name}`)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
    writeFileSync(join(folder, 'present'), 'x')
    return folder
  }

  /** Opens of the workload by the probe; its own libraries are linked in, so these are only what it opens on purpose. */
  function opensOf(name: string, args: readonly string[], knobs?: Partial<KernelKnobs>) {
    const watched = watch((cgroup) => workloads.run(name, [cgroup.procs, ...args]), knobs)
    assert.equal(watched.dropped, 0)
    return { opens: watched.records.filter((record) => record.kind === KIND.open).map(openOf), lines: watched.result.lines }
  }

  it('reports call, flags, mode, result, path and created files of every call that opens', () => {
    const folder = folderOf('opens')
    const { opens, lines } = opensOf('opens', [folder])
    const at = (name: string): string => join(folder, name)
    const inode = (name: string): bigint => statSync(at(name), { bigint: true }).ino
    const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC } = fs
    const common = { isCreated: false, textFlags: 0 }
    const failed = { ...common, path: '', inode: 0n, mode: 0, flags: O_RDONLY }
    const expected = [
      { ...common, syscall: OPEN, flags: O_RDONLY, mode: 0, argument: 'present', path: at('present'), inode: inode('present') },
      {
        ...common,
        syscall: OPENAT,
        flags: O_WRONLY | O_APPEND,
        mode: 0,
        argument: './present',
        path: at('present'),
        inode: inode('present'),
      },
      {
        ...common,
        syscall: OPENAT,
        flags: O_WRONLY | O_CREAT,
        mode: 0o640,
        argument: 'made',
        path: at('made'),
        inode: inode('made'),
        isCreated: true,
      },
      { ...common, syscall: OPENAT, flags: O_WRONLY | O_CREAT, mode: 0o640, argument: 'made', path: at('made'), inode: inode('made') },
      {
        ...common,
        syscall: OPENAT2,
        flags: O_RDWR | O_CREAT,
        mode: 0o600,
        argument: 'made2',
        path: at('made2'),
        inode: inode('made2'),
        isCreated: true,
      },
      {
        ...common,
        syscall: CREAT,
        flags: O_CREAT | O_WRONLY | O_TRUNC,
        mode: 0o604,
        argument: 'made3',
        path: at('made3'),
        inode: inode('made3'),
        isCreated: true,
      },
      { ...failed, syscall: OPENAT, argument: '../absent/file', path: folder, textFlags: PATH_IS_BASE, result: -ENOENT },
      { ...failed, syscall: OPEN, argument: 'present/below', path: folder, textFlags: PATH_IS_BASE, result: -ENOTDIR },
      { ...failed, syscall: OPENAT, argument: 'relative', result: -EBADF },
      { ...failed, syscall: OPENAT, argument: '', textFlags: ARGUMENT_FAULT, result: -EFAULT },
      { ...common, syscall: OPEN_BY_HANDLE_AT, flags: O_RDONLY, mode: 0, argument: '', path: at('present'), inode: inode('present') },
      { ...failed, syscall: OPEN_BY_HANDLE_AT, flags: O_WRONLY, argument: '', result: -EBADF },
    ]
    assert.equal(opens.length, expected.length + 1)
    assert.deepEqual(
      opens.map((open) => String(open.result)),
      lines,
    )
    expected.forEach((wanted, index) => {
      const { device, result, ...open } = opens[index] ?? assert.fail('missing')
      const { result: wantedResult, ...rest } = { result, ...wanted }
      assert.deepEqual(open, rest)
      assert.equal(result, wantedResult)
      if (result >= 0) assert.equal(device, ((Number(statSync(folder).dev) >> 8) << 20) | (Number(statSync(folder).dev) & 0xff))
    })
    const unnamed = opens.at(-1) ?? assert.fail('missing')
    assert.equal(unnamed.flags & O_TMPFILE, O_TMPFILE)
    assert.equal(unnamed.textFlags, PATH_UNREACHABLE, 'a file without a name')
  })

  it('reports the file that symbolic links lead to, and the path in the argument', () => {
    const folder = folderOf('links')
    spawnSync('ln', ['-s', 'present', join(folder, 'harmless')])
    const { opens } = opensOf('open-path', ['-', join(folder, 'harmless')])
    assert.deepEqual(
      opens.map((open) => [open.path, open.argument]),
      [[join(folder, 'present'), join(folder, 'harmless')]],
    )
  })

  it('shows paths as a chrooted process sees them, and marks a file outside of the root', () => {
    const folder = folderOf('root')
    const { opens } = opensOf('open-path', [folder, '/present', '@etc/hostname'])
    assert.deepEqual(
      opens.map((open) => [open.path, open.textFlags]),
      [
        ['/present', 0],
        ['/etc/hostname', PATH_UNREACHABLE],
      ],
    )
  })

  it('reports the base folder of a failed relative path: the working directory, or that of the descriptor', () => {
    const folder = folderOf('base')
    const script = `cd /usr/lib && exec "$0" "$@"`
    const { records } = watch((cgroup) =>
      spawnSync('/bin/sh', ['-c', script, workloads.program('open-path'), cgroup.procs, '-', 'no/such', '@etc/absent', '/absent', '']),
    )
    assert.deepEqual(
      records
        .filter((record) => record.kind === KIND.open)
        .map(openOf)
        .map(({ path, argument, textFlags }) => ({ path, argument, textFlags })),
      [
        { path: '/usr/lib', argument: 'no/such', textFlags: PATH_IS_BASE },
        { path: '', argument: 'etc/absent', textFlags: PATH_IS_BASE },
        { path: '', argument: '/absent', textFlags: 0 },
        { path: '', argument: '', textFlags: 0 },
      ],
      'no components are the root folder',
    )
    const { opens } = opensOf('open-path', [folder, '@etc/absent'])
    assert.deepEqual(
      opens.map((open) => open.textFlags),
      [PATH_IS_BASE | PATH_UNREACHABLE],
      'a folder outside the root of the process',
    )
  })

  it('crosses mounts: a bind mount, a mount in it, and a file that is one', () => {
    const folder = folderOf('mounts')
    const target = join(folder, 'target')
    mkdirSync(target)
    writeFileSync(join(folder, 'file-target'), '')
    const script = `mount --bind /etc ${target} && mount -t tmpfs none ${target}/apt && echo x > ${target}/apt/inner
      mount --bind /etc/hostname ${folder}/file-target && exec "$0" "$@"`
    const paths = [join(target, 'passwd'), join(target, 'apt/inner'), join(folder, 'file-target')]
    const { records } = watch((cgroup) => {
      const args = ['--mount', 'sh', '-c', script, workloads.program('open-path'), cgroup.procs, '-', ...paths]
      const end = spawnSync('unshare', args, { encoding: 'utf8' })
      assert.equal(end.status, 0, end.stderr)
    })
    const opens = records.filter((record) => record.kind === KIND.open).map(openOf)
    assert.deepEqual(
      opens.map((open) => open.path),
      paths,
    )
    assert(opens.every((open) => open.textFlags === 0))
  })

  it('passes names with newlines, terminal escapes and bytes that are not UTF-8 through', () => {
    const folder = folderOf('hostile')
    const names = ['new\nline', '\u001b[2Jescape', '"quoted"']
    for (const name of names) writeFileSync(join(folder, name), '')
    const { opens } = opensOf('open-path', ['-', ...names.map((name) => join(folder, name))])
    assert.deepEqual(
      opens.map((open) => open.path),
      names.map((name) => join(folder, name)),
    )
    const raw = join(folder, 'raw')
    const script = `f="${raw}$(printf '\\377\\376')"; : > "$f"; exec ${workloads.program('open-path')} "$0" - "$f"`
    const { records } = watch((cgroup) => spawnSync('/bin/sh', ['-c', script, cgroup.procs]))
    assert.deepEqual(
      records.filter((record) => record.kind === KIND.open).map((record) => openOf(record).path),
      [`${raw}\xff\xfe`],
    )
  })

  it('walks a path of many folders to its top, and marks it when the walk stops early', () => {
    const folder = folderOf('deep')
    const name = 'n'.repeat(250)
    const make = (levels: number): string => {
      const script = `cd ${folder} && i=0; while [ $i -lt ${levels} ]; do mkdir -p ${name} && cd -P ${name} || exit 1; i=$((i+1)); done; : > leaf
        exec ${workloads.program('open-path')} "$0" - leaf`
      return script
    }
    for (const levels of [10, 20]) {
      const { records } = watch((cgroup) => spawnSync('/bin/sh', ['-c', make(levels), cgroup.procs]))
      const open = openOf(records.find((record) => record.kind === KIND.open) ?? assert.fail('missing'))
      const whole = join(folder, ...Array<string>(levels).fill(name), 'leaf')
      if (levels === 10) assert.deepEqual([open.path, open.textFlags], [whole, 0])
      else assert.deepEqual([open.textFlags, whole.endsWith(open.path)], [1 << 4, true], 'the last 4 KiB of a longer one')
    }
  })

  it('keeps the longest argument, and marks a refused one beyond PATH_MAX as cut', () => {
    const longest = `/${'./'.repeat(2047)}` // 4095 bytes, and a NUL
    const refused = `/${'x'.repeat(4999)}`
    const { opens } = opensOf('open-path', ['-', longest, refused])
    assert.deepEqual(
      opens.map(({ argument, textFlags }) => ({ argument, textFlags })),
      [
        { argument: longest, textFlags: 0 },
        { argument: refused.slice(0, 4351), textFlags: ARGUMENT_TRUNCATED },
      ],
    )
  })

  it('leaves out read-only opens on request', () => {
    const { opens } = opensOf('opens', [folderOf('reads')], { openReads: false })
    assert.deepEqual(
      opens.map((open) => open.argument),
      ['./present', 'made', 'made', 'made2', 'made3', '', '.'],
    )
  })

  it('leaves out the argument of successful opens on request', () => {
    const { opens } = opensOf('open-path', ['-', '/etc/hostname', '/absent'], { openArgument: false })
    assert.deepEqual(
      opens.map((open) => [open.path, open.argument]),
      [
        ['/etc/hostname', ''],
        ['', '/absent'],
      ],
    )
  })

  it('leaves out opens of the ignored process, and counts them as suppressed', () => {
    const session = openSession({ ignoredPid: process.pid })
    try {
      const earlier = totalOf(session, 'suppressed', KIND.open)
      for (let i = 0; i < 5; i++) readFileSync('/etc/hostname')
      assert(totalOf(session, 'suppressed', KIND.open) >= earlier + 5)
    } finally {
      session.close()
    }
  })

  it('reads i386 calls of a 64-bit program by the table of i386, and counts calls of other ABIs that it does not read', function () {
    const session = openSession()
    const cgroup = makeCgroup()
    try {
      const { status } = workloads.run('foreign-abi', [cgroup.procs])
      if (status === 77) skipBecause(this, 'the kernel has no i386 calls')
      assert.equal(status, 0)
      const [security, bulk] = session.rings.map((ring) => drain(ring).filter((record) => record.cgroupId === cgroup.id))
      assert.deepEqual(
        (bulk ?? []).map(openOf).map(({ syscall, flags, mode, path, argument }) => ({ syscall, flags, mode, path, argument })),
        [
          { syscall: OPENAT, flags: fs.O_RDONLY, mode: 0, path: '/etc/hostname', argument: '/etc/hostname' },
          { syscall: OPEN, flags: fs.O_WRONLY | fs.O_CREAT, mode: 0o640, path: '', argument: '/absent/file' },
          { syscall: CREAT, flags: fs.O_CREAT | fs.O_WRONLY | fs.O_TRUNC, mode: 0o604, path: '', argument: '/absent/file' },
        ],
      )
      const refused = (security ?? []).filter((record) => record.kind === KIND.execRefused)
      assert.deepEqual(
        refused.map((record) => [record.syscall, record.result, refusedOf(record)]),
        [[59, -ENOENT, { args: ['/absent/file', 'two words'], argsTotal: 23, filename: '/absent/file', textFlags: 0 }]],
      )
      assert(totalOf(session, 'suppressed', 0) >= 1, 'the call of x32')
    } finally {
      session.close()
      cgroup.remove()
    }
  })
})
