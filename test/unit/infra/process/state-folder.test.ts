// The state folder: created once, for its owner, with one host id; errors name it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StateFolderError } from '../../../../infra/process/errors.js'
import { makeOwnFolder, openStateFolder, stateFolderError } from '../../../../infra/process/state-folder.js'
import { skipBecause } from '../../../support/runner/skip-because.js'

describe('the state folder', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-state-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  it('is created for its owner only, and retains its host id', async () => {
    const path = join(folder, 'a/b')
    const first = await openStateFolder(path)
    assert.match(first.hostId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    assert.equal(statSync(path).mode & 0o777, 0o700)
    assert.equal((await openStateFolder(path)).hostId, first.hostId)
  })

  it('has one host id for all that open it at once', async () => {
    const opened = await Promise.all(Array.from({ length: 20 }, () => openStateFolder(folder)))
    assert.equal(new Set(opened.map(({ hostId }) => hostId)).size, 1)
    assert.equal(readFileSync(join(folder, 'host-id'), 'utf8').trim(), opened[0]?.hostId)
  })

  it('is refused if its host id is invalid, instead of getting a new one', async () => {
    writeFileSync(join(folder, 'host-id'), 'localhost\n')
    await assert.rejects(openStateFolder(folder), /host-id does not contain a UUID; remove it/)
    assert.equal(readFileSync(join(folder, 'host-id'), 'utf8'), 'localhost\n')
  })

  it('is named when a part of its path is a file', async () => {
    writeFileSync(join(folder, 'file'), '')
    await assert.rejects(openStateFolder(join(folder, 'file/state')), (error) => {
      assert.ok(error instanceof StateFolderError)
      assert.match(error.message, /the state folder .*file\/state can't be used: a part of its path is not a folder/)
      return true
    })
  })

  it('is named if it cannot be created at the configured place', async () => {
    await assert.rejects(openStateFolder('/proc/eunomia/state'), /the state folder \/proc\/eunomia\/state can't be used: /)
  })

  it('is refused when others may have put files in it', async () => {
    chmodSync(folder, 0o777)
    await assert.rejects(openStateFolder(folder), /others may write to the state folder .* chmod 700/)
    chmodSync(folder, 0o755)
    await openStateFolder(folder)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
  })

  it('is refused when it belongs to another user, also to root', async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    chownSync(folder, 65_534, 65_534)
    await assert.rejects(openStateFolder(folder), /belongs to uid 65534, not to you; run as that user, chown -R root:/)
  })

  it('takes no file of it that is a link or a pipe', async () => {
    writeFileSync(join(folder, 'elsewhere'), '00000000-0000-0000-0000-000000000000\n')
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'host-id'))
    await assert.rejects(openStateFolder(folder), /a file in it is a symbolic link/)
    rmSync(join(folder, 'host-id'))
    execFileSync('mkfifo', [join(folder, 'host-id')])
    await assert.rejects(openStateFolder(folder), /host-id does not contain a UUID/)
  })

  it('has folders in it of the same owner only', () => {
    mkdirSync(join(folder, 'open'), { mode: 0o755 })
    makeOwnFolder(join(folder, 'open'))
    assert.equal(statSync(join(folder, 'open')).mode & 0o777, 0o700)
    symlinkSync('/tmp', join(folder, 'link'))
    assert.throws(() => makeOwnFolder(join(folder, 'link')), /is a link, or belongs to another user/)
  })

  it('is reported as read-only or full from the system error', () => {
    const failing = (code: string) => stateFolderError('/s', Object.assign(new Error(code), { code })).message
    assert.match(failing('EROFS'), /^the state folder \/s can't be used: its file system is read-only/)
    assert.match(failing('ENOSPC'), /its file system is full/)
  })
})
