// Cgroup paths and privileges of OCI specifications, as runc reads them, including hostile ones.
import assert from 'node:assert/strict'
import {
  hasAllPrivileges,
  MAX_SPEC_BYTES,
  ociCgroupPaths,
  ociMounts,
  parseJsonObject,
} from '../../../../../collector/containers/runtimes/oci-spec.js'

const ID = '1f'.repeat(32)
const cgroupsPath = (path: unknown): Record<string, unknown> => ({ linux: { cgroupsPath: path } })

describe('ociCgroupPaths', () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['a path', `/kubepods/burstable/pod1/${ID}`, [`/kubepods/burstable/pod1/${ID}`]],
    ['containerd namespace and name', '/default/web', ['/default/web']],
    ['a path with empty parts', '//default/./web/', ['/default/web']],
    [
      'slice, prefix and name',
      `kubepods-pod1.slice:cri-containerd:${ID}`,
      [`/kubepods.slice/kubepods-pod1.slice/cri-containerd-${ID}.scope`],
    ],
    ['the system slice', `system.slice:nerdctl:${ID}`, [`/system.slice/nerdctl-${ID}.scope`]],
    ['no slice', `:crio:${ID}`, [`/system.slice/crio-${ID}.scope`]],
    ['the root slice', `-.slice:docker:${ID}`, [`/docker-${ID}.scope`]],
    ['no prefix', 'a.slice::web', ['/a.slice/web.scope']],
    ['a slice as name', 'a.slice:x:a-b.slice', ['/a.slice/a-b.slice']],
    ['nothing', '', []],
    ['the root', '/', []],
    ['a relative path', 'default/web', []],
    ['a path that climbs', '/default/../docker/x', []],
    ['a name that climbs', 'a.slice:x:../b', []],
    ['a first part that is not a slice', 'a:b:c', []],
    ['no name', 'a.slice:b:', []],
    ['no text', 7, []],
  ]
  for (const [what, path, expected] of cases) {
    it(`returns the paths for ${what}`, () => {
      assert.deepEqual(ociCgroupPaths(cgroupsPath(path)), expected)
    })
  }

  it('returns none for a specification without a path', () => {
    for (const spec of [{}, { linux: null }, { linux: [] }]) assert.deepEqual(ociCgroupPaths(spec), [])
  })
})

describe('hasAllPrivileges', () => {
  const bounding = ['CAP_SYS_ADMIN', 'CAP_SYS_MODULE', 'CAP_SYS_RAWIO', 'CAP_KILL']
  it('requires capabilities of the host and no masked paths', () => {
    assert.equal(hasAllPrivileges({ process: { capabilities: { bounding } }, linux: {} }), true)
    assert.equal(hasAllPrivileges({ process: { capabilities: { bounding } }, linux: { maskedPaths: ['/proc/kcore'] } }), false)
    assert.equal(hasAllPrivileges({ process: { capabilities: { bounding: ['CAP_SYS_ADMIN'] } } }), false)
    assert.equal(hasAllPrivileges({}), false)
  })
})

describe('ociMounts', () => {
  it('returns those from the host, and reports mounts over the bound', () => {
    let cuts = 0
    const proc = { destination: '/proc', type: 'proc', source: 'proc' }
    const bind = { destination: '/data', type: 'none', source: '/srv', options: ['rbind', 'ro', 'rslave'] }
    assert.deepEqual(
      ociMounts({ mounts: [proc, bind, null, 7] }, () => cuts++),
      [{ source: '/srv', destination: '/data', type: 'bind', isWritable: false, propagation: 'rslave' }],
    )
    assert.equal(cuts, 0)
    assert.equal(ociMounts({ mounts: Array.from({ length: 600 }, () => bind) }, () => cuts++).length, 512)
    assert.equal(cuts, 1)
  })
})

describe('parseJsonObject', () => {
  it('accepts only objects, up to its bound', () => {
    assert.deepEqual(parseJsonObject('{"a":1}'), { a: 1 })
    for (const text of ['', 'x', '[]', 'null', `{"a":"${'x'.repeat(MAX_SPEC_BYTES)}"}`]) assert.equal(parseJsonObject(text), null)
  })
})
