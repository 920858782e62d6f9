// The state folder: created once, for its owner, with one host id; errors name it.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StateFolderError } from '../../../../infra/process/errors.js'
import { openStateFolder, stateFolderError } from '../../../../infra/process/state-folder.js'

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

  it('is reported as read-only or full from the system error', () => {
    const failing = (code: string) => stateFolderError('/s', Object.assign(new Error(code), { code })).message
    assert.match(failing('EROFS'), /^the state folder \/s can't be used: its file system is read-only/)
    assert.match(failing('ENOSPC'), /its file system is full/)
  })
})
