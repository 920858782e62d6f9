import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { PinsUnavailableError } from '../../../native/pins.js'

describe('PinsUnavailableError', () => {
  const causedBy = (errno: number): PinsUnavailableError =>
    new PinsUnavailableError('nothing can be pinned', { cause: Object.assign(new Error('flock'), { errno }) })

  it('is about held pins when the lock would block', () => {
    assert.equal(causedBy(constants.errno.EWOULDBLOCK).isHeld, true)
  })

  it('is about held pins for no other errno', () => {
    const { EACCES, EPERM, ENOENT } = constants.errno
    for (const errno of [EACCES, EPERM, ENOENT]) assert.equal(causedBy(errno).isHeld, false)
  })

  it('is not about held pins without a cause', () => {
    assert.equal(new PinsUnavailableError('bpffs is not mounted').isHeld, false)
  })
})
