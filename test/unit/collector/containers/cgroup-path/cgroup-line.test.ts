import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseCgroupLine, pathOfLineOrPath } from '../../../../../collector/containers/cgroup-path/cgroup-line.js'

describe('parseCgroupLine', () => {
  it('takes lines of v1, v2 and named hierarchies apart', () => {
    assert.deepEqual(parseCgroupLine('0::/a/b'), { hierarchyId: 0, controllers: '', path: '/a/b', isDeleted: false })
    assert.deepEqual(parseCgroupLine('4:cpu,cpuacct:/a'), { hierarchyId: 4, controllers: 'cpu,cpuacct', path: '/a', isDeleted: false })
    assert.deepEqual(parseCgroupLine('9:name=systemd:/'), { hierarchyId: 9, controllers: 'name=systemd', path: '/', isDeleted: false })
  })

  it('keeps colons and line feeds of the path', () => {
    assert.equal(parseCgroupLine('0::/a.slice:cri-containerd:ff')?.path, '/a.slice:cri-containerd:ff')
    assert.equal(parseCgroupLine('0::/a\n1:cpu:/b')?.path, '/a\n1:cpu:/b')
  })

  it('knows the mark of a removed cgroup, which only v2 lines have', () => {
    assert.deepEqual(parseCgroupLine('0::/a (deleted)'), { hierarchyId: 0, controllers: '', path: '/a', isDeleted: true })
    assert.equal(parseCgroupLine('3:pids:/a (deleted)')?.path, '/a (deleted)')
  })

  it('takes nothing else for a line', () => {
    for (const text of ['', '/a:b:/c', '0:', '0::', '0::a', 'x::/a', '12345678901::/a', '-1::/a']) assert.equal(parseCgroupLine(text), null)
  })

  it('gives a path back as it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(pathOfLineOrPath(`/${text}`), `/${text}`)))
    fc.assert(fc.property(fc.nat(64), fc.string(), (id, text) => assert.equal(pathOfLineOrPath(`${id + 1}:cpu:/${text}`), `/${text}`)))
  })
})
