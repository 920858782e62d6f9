import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMountInfo, readMountInfo, rootMountOf, TooManyMountsError } from '../../../../infra/process/mount-info.js'

// The format of proc_pid_mountinfo(5).
const TEXT = `1 0 0:1 / / rw - rootfs rootfs rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
63 27 254:0 /with\\040space /mnt/a\\134b rw - ext4 /dev/vda rw
64 27 0:4 net:[4026531840] /run/netns/x rw shared:2 master:3 - nsfs nsfs rw
no mount
`

describe('mounts of a process', () => {
  it('are read up to a number of bytes and of mounts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-mounts-'))
    const path = join(folder, 'mountinfo')
    try {
      writeFileSync(path, TEXT)
      assert.deepEqual(readMountInfo(path, { bytes: TEXT.length, mounts: 4 }), parseMountInfo(TEXT))
      assert.throws(() => readMountInfo(path, { bytes: TEXT.length - 1, mounts: 4 }), TooManyMountsError)
      assert.throws(() => readMountInfo(path, { bytes: TEXT.length, mounts: 3 }), TooManyMountsError)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('are read with their file system, root and mount point, octal numbers decoded', () => {
    const mounts = parseMountInfo(TEXT)
    assert.deepEqual(mounts[2], {
      id: 63,
      parentId: 27,
      device: 254 * 2 ** 20,
      root: '/with space',
      mountPoint: '/mnt/a\\b',
      fsType: 'ext4',
    })
    assert.deepEqual(
      mounts.map(({ id, fsType }) => [id, fsType]),
      [
        [1, 'rootfs'],
        [27, 'ext4'],
        [63, 'ext4'],
        [64, 'nsfs'],
      ],
    )
  })

  it('have as their root the mount that no other one at / has as its parent', () => {
    const mounts = parseMountInfo(TEXT)
    assert.equal(rootMountOf(mounts.slice(1))?.id, 27)
    assert.equal(rootMountOf(mounts)?.id, 1)
    assert.equal(rootMountOf([]), null)
  })
})
