import assert from 'node:assert/strict'
import { HostMounts } from '../../../../collector/mounts/host-mounts.js'
import { MountTable } from '../../../../collector/mounts/mount-table.js'
import { HOST_MOUNTS } from '../../../../infra/process/mount-info.js'

describe('mounts of the host and of other namespaces', () => {
  function fixture(options = {}) {
    const state = { now: 0, reads: [] as string[], isGone: false }
    const mounts = new HostMounts({
      now: () => state.now,
      read: (path) => {
        state.reads.push(path)
        if (state.isGone) throw new Error('ENOENT')
        return new MountTable([])
      },
      ...options,
    })
    return { state, mounts }
  }

  it('are read again when they are old, or something was mounted', () => {
    const { state, mounts } = fixture({ maxAgeMs: 100 })
    mounts.host()
    mounts.host()
    assert.deepEqual(state.reads, [HOST_MOUNTS])
    state.now = 100
    mounts.host()
    mounts.changed()
    mounts.host()
    assert.equal(state.reads.length, 3)
  })

  it('stay the last known ones when a process has ended', () => {
    const { state, mounts } = fixture({ maxAgeMs: 100 })
    const known = mounts.of(7, 42)
    state.isGone = true
    state.now = 100
    assert.equal(mounts.of(7, 43), known)
    assert.equal(mounts.of(8, 44), null)
    assert.equal(mounts.counters.unread, 2)
    assert.deepEqual(state.reads, ['/proc/42/mountinfo', '/proc/43/mountinfo', '/proc/44/mountinfo'])
  })

  it('of other namespaces are read and remembered up to a bound, and counted above it', () => {
    const { mounts } = fixture({ reads: 3, maxNamespaces: 2 })
    for (const namespace of [1, 2, 3, 4]) mounts.of(namespace, 100 + namespace)
    assert.equal(mounts.counters.refused, 1)
    assert.equal(mounts.counters.evicted, 1)
    mounts.refill()
    assert.notEqual(mounts.of(4, 104), null)
  })
})
