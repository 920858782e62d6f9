// Texts as proc_pid_mountinfo(5) and cgroups(7) describe them, for each kind of host.
import assert from 'node:assert/strict'
import {
  cgroupHierarchies,
  v1Hierarchy,
  type CgroupHierarchy,
  initCgroups,
  ownCgroupsOfProcess,
  OwnCgroups,
} from '../../../../../collector/containers/cgroups/cgroup-hierarchies.js'

const V2 = { kind: 'v2', hierarchyId: 0, rootPath: '/' } as const

describe('cgroupHierarchies', () => {
  it('finds v2 alone', () => {
    const mounts = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n'
    assert.deepEqual(cgroupHierarchies(mounts, '0::/user.slice\n'), [{ ...V2, mountPoint: '/sys/fs/cgroup' }])
  })

  it('finds v2 and pids of a hybrid host', () => {
    const mounts = [
      '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
      '32 31 0:29 / /sys/fs/cgroup/memory rw shared:1 - cgroup cgroup rw,memory',
      '33 31 0:30 / /sys/fs/cgroup/pids rw shared:2 master:3 - cgroup cgroup rw,pids',
      '34 31 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n')
    assert.deepEqual(cgroupHierarchies(mounts, '9:memory:/\n8:pids:/\n1:name=systemd:/\n0::/\n'), [
      { ...V2, mountPoint: '/sys/fs/cgroup/unified' },
      { kind: 'v1', hierarchyId: 8, mountPoint: '/sys/fs/cgroup/pids', rootPath: '/' },
    ])
  })

  it('uses memory where pids is not on v1, also when controllers share a hierarchy', () => {
    const mounts = '32 31 0:29 / /sys/fs/cgroup/memory\\040all rw - cgroup cgroup rw,hugetlb,memory\n'
    assert.deepEqual(cgroupHierarchies(mounts, '5:hugetlb,memory:/a\n'), [
      { kind: 'v1', hierarchyId: 5, mountPoint: '/sys/fs/cgroup/memory all', rootPath: '/' },
    ])
  })

  it('names the v1 hierarchy that probes read, mounted or not: pids before memory', () => {
    assert.deepEqual(v1Hierarchy('9:memory:/\n8:pids:/\n0::/\n'), { hierarchyId: 8, controller: 'pids' })
    assert.deepEqual(v1Hierarchy('9:memory:/\n1:name=systemd:/\n0::/\n'), { hierarchyId: 9, controller: 'memory' })
    assert.equal(v1Hierarchy('1:name=systemd:/\n0::/\n'), null)
  })

  it('uses the mount that shows most, and none outside its own namespace', () => {
    const mounts = [
      '30 23 0:26 /docker/x /var/part rw - cgroup2 cgroup2 rw',
      '31 23 0:26 /../.. /var/outside rw - cgroup2 cgroup2 rw',
      '32 23 0:26 /docker /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
      'nonsense',
    ].join('\n')
    assert.deepEqual(cgroupHierarchies(mounts, '0::/\n'), [
      { kind: 'v2', hierarchyId: 0, mountPoint: '/sys/fs/cgroup', rootPath: '/docker' },
    ])
    assert.deepEqual(cgroupHierarchies('31 23 0:26 /.. /c rw - cgroup2 cgroup2 rw', '0::/\n'), [])
  })

  it('finds nothing where nothing is mounted', () => assert.deepEqual(cgroupHierarchies('', '0::/\n4:pids:/\n'), []))
})

const ID = '1a'.repeat(32)
const OTHER = '2b'.repeat(32)
const HIERARCHIES: readonly CgroupHierarchy[] = [
  { kind: 'v2', hierarchyId: 0, mountPoint: '/c', rootPath: '/' },
  { kind: 'v1', hierarchyId: 8, mountPoint: '/p', rootPath: '/' },
]

describe('initCgroups', () => {
  it("finds the container's own cgroup in the followed hierarchies, above that of its first process", () => {
    const text = `9:memory:/parent/${ID}\n8:pids:/parent/${ID}\n0::/parent.slice/docker-${ID}.scope/init.scope\n`
    assert.deepEqual(initCgroups(text, ID, HIERARCHIES), [
      { kind: 'v1', path: `/parent/${ID}` },
      { kind: 'v2', path: `/parent.slice/docker-${ID}.scope` },
    ])
  })

  it('ignores paths that name another container, none, or one inside another', () => {
    for (const path of [
      `/docker/${OTHER}`,
      '/',
      '/system.slice/ssh.service',
      `/docker/${OTHER}/docker/${ID}`,
      `/docker/${ID}/docker/${OTHER}`,
    ]) {
      assert.deepEqual(initCgroups(`0::${path}\n`, ID, HIERARCHIES), [])
    }
  })

  it('finds nothing for a process that has ended', async () => assert.deepEqual(await ownCgroupsOfProcess(4_194_305, ID, HIERARCHIES), []))
})

describe('OwnCgroups', () => {
  it('returns the innermost owner at or above a path, and none for paths that only share a prefix', () => {
    const own = new OwnCgroups()
    own.add('v2', '/docker/a', 'A')
    own.add('v2', '/docker/a/docker/b', 'B')
    assert.deepEqual(own.innermost('v2', '/docker/a'), { containerId: 'A', path: '/docker/a' })
    assert.deepEqual(own.innermost('v2', '/docker/a/x/y'), { containerId: 'A', path: '/docker/a' })
    assert.deepEqual(own.innermost('v2', '/docker/a/docker/b/x'), { containerId: 'B', path: '/docker/a/docker/b' })
    for (const path of ['/', '/docker', '/docker/ab', '/docker/a b', '', 'docker/a']) assert.equal(own.innermost('v2', path), null)
  })

  it('separates the hierarchies', () => {
    const own = new OwnCgroups()
    own.add('v2', '/docker/a', 'A')
    assert.equal(own.innermost('v1', '/docker/a'), null)
    assert.equal(own.ownerOf('v2', '/docker/a'), 'A')
  })

  it('assigns a path to the first owner, and forgets all paths of a container', () => {
    const own = new OwnCgroups()
    assert.equal(own.add('v2', '/p', 'A'), true)
    assert.equal(own.add('v2', '/p', 'A'), false)
    assert.equal(own.add('v2', '/p', 'B'), false)
    own.add('v1', '/q', 'A')
    own.forget('B')
    assert.equal(own.ownerOf('v2', '/p'), 'A')
    own.forget('A')
    assert.equal(own.ownerOf('v2', '/p'), null)
    assert.equal(own.ownerOf('v1', '/q'), null)
  })
})
