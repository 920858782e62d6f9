import assert from 'node:assert/strict'
import type { CgroupHierarchy } from '../../../../../collector/containers/cgroups/cgroup-hierarchies.js'
import { initCgroups, ownCgroupsOfProcess } from '../../../../../collector/containers/cgroups/init-cgroup.js'

const ID = '1a'.repeat(32)
const OTHER = '2b'.repeat(32)
const HIERARCHIES: readonly CgroupHierarchy[] = [
  { kind: 'v2', hierarchyId: 0, mountPoint: '/c', rootPath: '/' },
  { kind: 'v1', hierarchyId: 8, mountPoint: '/p', rootPath: '/' },
]

describe('initCgroups', () => {
  it("finds the container's own cgroup in the followed hierarchies, above where its first process is", () => {
    const text = `9:memory:/parent/${ID}\n8:pids:/parent/${ID}\n0::/parent.slice/docker-${ID}.scope/init.scope\n`
    assert.deepEqual(initCgroups(text, ID, HIERARCHIES), [
      { kind: 'v1', path: `/parent/${ID}` },
      { kind: 'v2', path: `/parent.slice/docker-${ID}.scope` },
    ])
  })

  it('takes no place that names another container, none, or one inside of another', () => {
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

  it('finds nothing of a process that is gone', async () => assert.deepEqual(await ownCgroupsOfProcess(4_194_305, ID, HIERARCHIES), []))
})
