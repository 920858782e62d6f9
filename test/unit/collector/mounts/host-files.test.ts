import assert from 'node:assert/strict'
import { linkSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HostFiles, MAX_HOST_FILES, type FileIdentity } from '../../../../collector/mounts/host-files.js'
import { MountTable } from '../../../../collector/mounts/mount-table.js'

const DEVICE = 7
const TABLE = new MountTable([{ id: 1, parentId: 0, device: DEVICE, root: '/', mountPoint: '/', fsType: 'ext4' }])

describe('files of the host by inode', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-files-'))
  after(() => rmSync(folder, { recursive: true }))
  const identityOf = (path: string): FileIdentity => {
    const { ino } = statSync(path, { bigint: true })
    return { device: DEVICE, inodeLow: Number(ino & 0xffffffffn), inodeHigh: Number(ino >> 32n) }
  }

  it('are known under another name, and by the inode that they had before they were replaced', async () => {
    const path = join(folder, 'watched')
    const files = new HostFiles()
    writeFileSync(path, 'a')
    linkSync(path, join(folder, 'link'))
    files.watch([path, join(folder, 'absent')])
    await files.refresh(TABLE)
    assert.equal(files.of(identityOf(join(folder, 'link'))), path)
    assert.equal(files.of({ ...identityOf(path), device: 8 }), null)
    writeFileSync(join(folder, 'new'), 'b')
    renameSync(join(folder, 'new'), path)
    await files.refresh(TABLE)
    assert.deepEqual([files.of(identityOf(path)), files.of(identityOf(join(folder, 'link')))], [path, path])
  })

  it('are watched up to a bound, and counted above it', () => {
    const files = new HostFiles()
    files.watch(Array.from({ length: MAX_HOST_FILES + 3 }, (_, index) => `/etc/${String(index)}`))
    assert.equal(files.refused, 3)
  })
})
