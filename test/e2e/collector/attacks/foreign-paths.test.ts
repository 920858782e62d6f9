// Reads of /etc/shadow under other names: another root, mounts, namespaces, links, handles. The event has the path on the host, and the
// name that the process used as seenPath. Needs root.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FileEvent } from '../../../../schemas/generated/types.js'
import { LivePaths } from '../../../../collector/mounts/live-paths.js'
import { HOST_FILES } from '../../../../infra/config/config-schema.js'
import { eventsOfCgroup, runLiveCollector } from '../../../support/load/live-collector.js'
import { eventsOfWorkload } from '../../../support/load/watched-workload.js'
import { removeUnmounted } from '../../../support/mounted-folder.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { makeCgroup } from '../../native/cgroup-folder.js'
import { Workloads } from '../../native/workload.js'

const SHADOW = '/etc/shadow'
const EACCES = -13
const EPERM = -1
const ENOENT = -2
const inode = (): string => String(statSync(SHADOW, { bigint: true }).ino)

describe('a file of the host under another name', () => {
  const workloads = new Workloads()
  let base = ''
  /** In the namespace of the host, where a folder of the host that stays mounted could be removed with that of the test. */
  let secret = ''
  /** File events of each attack, by its command. */
  const events = new Map<string, readonly FileEvent[]>()
  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    if (!existsSync(SHADOW)) skipBecause(this, 'needs /etc/shadow')
    // On the file system of /etc, for a hard link.
    base = mkdtempSync('/var/tmp/eunomia-paths-')
    chmodSync(base, 0o755)
    mkdirSync(join(base, 'secrets'))
    secret = join(base, 'secrets/shadow')
    writeFileSync(secret, 'secret')
    await attackAll()
  })
  after(() => {
    workloads.close()
    if (base !== '') removeUnmounted(base)
  })

  /** Each in a cgroup of its own, under one collector. */
  async function attackAll(): Promise<void> {
    const attacks = [
      ...['chroot-read', 'userns-read', 'open-tree-read', 'cwd-escape', 'proc-root-read', 'overlay-read', 'link-read', 'handle-read'].map(
        (name) => [name, SHADOW],
      ),
      ...['chmod', 'unlink', 'rename'].map((what) => ['chroot-read', SHADOW, what]),
      ['bind-read', secret],
      ['bind-read', secret, 'file'],
      ['userns-read', '/etc/passwd', 'passwd'],
    ] as const
    const paths = new LivePaths({ hostFiles: [...HOST_FILES, ...[SHADOW, secret, '/etc/passwd'].map((file) => `${file}*`)] })
    await paths.refresh()
    const running = await runLiveCollector({}, { host: { paths: paths.knowledge } })
    const cgroups = attacks.map(() => makeCgroup())
    try {
      for (const [at, [name = '', file = '', ...more]] of attacks.entries()) {
        const folder = join(base, `${name}-${more.join('-')}`)
        mkdirSync(folder)
        chmodSync(folder, 0o777)
        workloads.run(`attacks/${name}`, [cgroups[at]?.procs ?? '', file, folder, ...more])
      }
    } finally {
      await running.stop()
      for (const cgroup of cgroups) cgroup.remove()
    }
    for (const [at, attack] of attacks.entries()) events.set(attack.join(' '), eventsOfCgroup(running.reader.file, cgroups[at]?.id ?? 0n))
  }

  /** File events of an attack on a file. */
  function eventsOf(name: string, file = SHADOW, ...more: readonly string[]): readonly FileEvent[] {
    return events.get([name, file, ...more].join(' ')) ?? assert.fail('no such attack')
  }

  const about = (events: readonly FileEvent[], path: string) =>
    events
      .filter((event) => event.path === path || event.newPath === path)
      .map(({ type, path: own, newPath, result, place, newPlace }) => {
        const where = own === path ? place : newPlace
        return {
          type,
          path: own === path ? own : newPath,
          result: Math.min(result, 0),
          seen: where?.seenPath,
          isForeignRoot: where?.isForeignRoot,
        }
      })
  const read = { type: 'open', path: SHADOW, result: 0 }

  it('by chroot', () => {
    const [open, ...others] = eventsOf('chroot-read').filter(({ path }) => path === SHADOW)
    assert.ok(open !== undefined && others.length === 0)
    assert.equal(open.pathSource, 'kernel')
    assert.equal(open.inode, inode())
    assert.equal(open.place?.seenPath, '/shadow')
    assert.equal(open.place.isForeignRoot, true)
    assert.equal(open.place.fileSystemPath, SHADOW)
    assert.equal(open.place.device, open.device)
  })

  it('by chroot, for changes by path', () => {
    for (const [what, type, path, result] of [
      ['chmod', 'chmod', SHADOW, 0],
      ['unlink', 'unlink', `${SHADOW}.absent`, ENOENT],
      ['rename', 'rename', SHADOW, ENOENT],
    ] as const) {
      const events = eventsOf('chroot-read', SHADOW, what).filter((event) => event.type === type)
      assert.deepEqual(about(events, path), [{ type, path, result, seen: path.replace('/etc', ''), isForeignRoot: true }], what)
      assert.equal(events[0]?.pathSource, 'argument')
    }
  })

  it('by a bind mount of its folder, and of the file itself', () => {
    const shadow = secret
    const absent = `${shadow}.absent`
    const events = eventsOf('bind-read', shadow)
    const seen = join(base, 'bind-read-/here/shadow')
    assert.deepEqual(about(events, shadow), [{ ...read, path: shadow, seen, isForeignRoot: false }])
    assert.deepEqual(
      about(events, absent).map(({ type, result }) => [type, result]),
      [['chmod', ENOENT]],
    )
    assert.deepEqual(about(eventsOf('bind-read', shadow, 'file'), shadow), [
      { ...read, path: shadow, seen: join(base, 'bind-read-file/harmless'), isForeignRoot: false },
    ])
  })

  it('as any user, in namespaces of their own', () => {
    const shadow = { path: SHADOW, seen: '/shadow', isForeignRoot: true }
    assert.deepEqual(about(eventsOf('userns-read'), SHADOW), [
      { ...shadow, type: 'open', result: EACCES },
      { ...shadow, type: 'chmod', result: EPERM },
    ])
    const passwd = eventsOf('userns-read', '/etc/passwd', 'passwd')
    assert.deepEqual(about(passwd, '/etc/passwd')[0], {
      type: 'open',
      path: '/etc/passwd',
      result: 0,
      seen: '/passwd',
      isForeignRoot: true,
    })
  })

  it('through a detached mount', () => {
    const events = about(eventsOf('open-tree-read'), SHADOW)
    assert.ok(events.length >= 1)
    for (const event of events) assert.deepEqual(event, { ...read, seen: '/shadow', isForeignRoot: false })
  })

  it('from a working directory outside of the root', () => {
    const opens = eventsOf('cwd-escape').filter(({ path }) => path === SHADOW)
    assert.deepEqual(
      opens.map(({ result, place }) => [Math.min(result, 0), place?.isForeignRoot, place?.isUnreachable, place?.seenPath]),
      Array(2).fill([0, true, true, null]),
    )
  })

  it('through the root of a process of the host', () => {
    assert.deepEqual(
      eventsOf('proc-root-read')
        .filter(({ path }) => path === SHADOW)
        .map(({ inode: of, place }) => [of, place?.isForeignRoot]),
      [[inode(), true]],
    )
  })

  it('below an overlay', () => {
    const events = eventsOf('overlay-read')
    assert.deepEqual(about(events, SHADOW), [{ ...read, seen: join(base, 'overlay-read-/merged/shadow'), isForeignRoot: true }])
    assert.equal(events.find(({ path }) => path === SHADOW)?.place?.realInode, inode())
  })

  it('by a hard link', () => {
    const events = eventsOf('link-read')
    const notes = join(base, 'link-read-/notes')
    assert.deepEqual(
      about(events, SHADOW).filter(({ type }) => type === 'open'),
      [{ ...read, seen: notes, isForeignRoot: false }],
    )
  })

  it('by a file handle', () => {
    const opens = eventsOf('handle-read').filter(({ path }) => path === SHADOW)
    assert.deepEqual(
      opens.map(({ syscall, inode: of, place }) => [syscall, of, place?.isForeignRoot]),
      [['open_by_handle_at', inode(), true]],
    )
  })

  it('is below the new root, which the kernel names', async () => {
    const cgroup = makeCgroup()
    const folder = join(base, 'new-root')
    mkdirSync(folder)
    const paths = new LivePaths({ hostFiles: HOST_FILES })
    const running = await runLiveCollector({}, { host: { paths: paths.knowledge } })
    try {
      workloads.run('attacks/chroot-read', [cgroup.procs, SHADOW, folder])
      workloads.run('open-path', [cgroup.procs, folder, '/'])
    } finally {
      await running.stop()
      cgroup.remove()
    }
    assert.deepEqual(
      eventsOfCgroup(running.reader.kernel, cgroup.id)
        .filter(({ type }) => type === 'chroot')
        .map(({ path, pathSource, pathArgument, place }) => [path, pathSource, pathArgument, place?.fileSystemPath, place?.isForeignRoot]),
      [
        ['/etc', 'kernel', '/etc', '/etc', true],
        [folder, 'kernel', folder, folder, true],
      ],
    )
  })

  it('has no place under its own name', async () => {
    const paths = new LivePaths({ hostFiles: HOST_FILES })
    await paths.refresh()
    const deps = { host: { paths: paths.knowledge } }
    const { file } = await eventsOfWorkload(workloads, 'open-path', ['-', SHADOW, '/proc/version', '/dev/null'], { deps })
    const opens = file.filter(({ syscall }) => syscall === 'openat')
    assert.deepEqual(
      opens.slice(-3).map(({ path, place }) => [path, place]),
      [SHADOW, '/proc/version', '/dev/null'].map((path) => [path, null]),
    )
    assert.equal(paths.counters()['replaced'], 0)
  })
})
