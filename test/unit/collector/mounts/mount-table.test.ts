import assert from 'node:assert/strict'
import type { MountInfo } from '../../../../infra/process/mount-info.js'
import { MountTable } from '../../../../collector/mounts/mount-table.js'

const ROOT = 1
const DATA = 2
const mount = (id: number, parentId: number, device: number, root: string, mountPoint: string): MountInfo => {
  return { id, parentId, device, root, mountPoint, fsType: 'ext4' }
}

describe('mount table', () => {
  const table = new MountTable([
    mount(10, 1, ROOT, '/', '/'),
    mount(11, 10, DATA, '/volumes/a', '/srv'),
    mount(12, 10, ROOT, '/etc', '/tmp/e'),
    mount(13, 10, DATA, '/volumes/a/deep', '/mnt/deep'),
    mount(14, 10, 3, '/', '/run'),
    mount(15, 14, 4, '/', '/run'),
  ])

  it('finds file system and path of a path, by the innermost mount', () => {
    assert.deepEqual(table.placeOf('/etc/shadow'), { device: ROOT, path: '/etc/shadow' })
    assert.deepEqual(table.placeOf('/tmp/e/shadow'), { device: ROOT, path: '/etc/shadow' })
    assert.deepEqual(table.placeOf('/tmp/extra'), { device: ROOT, path: '/tmp/extra' })
    assert.deepEqual(table.placeOf('/srv'), { device: DATA, path: '/volumes/a' })
    assert.deepEqual(table.placeOf('/mnt/deep/file'), { device: DATA, path: '/volumes/a/deep/file' })
    assert.deepEqual(table.placeOf('/'), { device: ROOT, path: '/' })
    assert.deepEqual(table.placeOf('/run/x'), { device: 4, path: '/x' }, 'the mount above')
  })

  it('finds the path of a file by the largest part of its file system that is mounted', () => {
    assert.equal(table.pathOf({ device: ROOT, path: '/etc/shadow' }), '/etc/shadow')
    assert.equal(table.pathOf({ device: ROOT, path: '/' }), '/')
    assert.equal(table.pathOf({ device: DATA, path: '/volumes/a/deep/file' }), '/srv/deep/file')
    assert.equal(table.pathOf({ device: DATA, path: '/volumes/ab' }), null, 'not mounted')
    assert.equal(table.pathOf({ device: 3, path: '/x' }), null, 'hidden by another mount')
    assert.equal(table.pathOf({ device: 9, path: '/x' }), null, 'unknown')
  })

  it('of as many mounts of one file system as are read is made without comparing each with each', () => {
    const binds = Array.from({ length: 20_000 }, (_, at) => mount(100 + at, 10, ROOT, `/data/${String(at)}`, `/mnt/${String(at)}`))
    const large = new MountTable([mount(10, 1, DATA, '/', '/'), ...binds])
    assert.equal(large.pathOf({ device: ROOT, path: '/data/19999/file' }), '/mnt/19999/file')
    assert.notEqual(large.plain(20_099), undefined)
  })

  it('knows which mounts show files under their paths', () => {
    const plain = [10, 11, 12, 13, 14, 15].filter((id) => table.plain(id) !== undefined)
    assert.deepEqual(plain, [10, 11, 15])
    assert.deepEqual(Buffer.from(table.plain(11)?.root ?? []).toString(), 'a\0volumes\0')
  })
})
