import assert from 'node:assert/strict'
import { HostMounts } from '../../../../collector/mounts/host-mounts.js'
import { MountTable } from '../../../../collector/mounts/mount-table.js'
import { HOST_MOUNTS, TooManyMountsError } from '../../../../infra/process/mount-info.js'

describe('mounts of the host and of other namespaces', () => {
  function fixture(options = {}) {
    const state = { now: 0, cpu: 0, reads: [] as string[], isGone: false, isTooLarge: false, tookMs: 0, overlays: new Set<number>() }
    const mounts = new HostMounts({
      now: () => state.now,
      cpuNow: () => state.cpu,
      bootNow: () => state.now * 1000,
      read: (path) => {
        state.reads.push(path)
        state.cpu += state.tookMs
        if (state.isTooLarge) throw new TooManyMountsError(path)
        if (state.isGone) throw new Error('ENOENT')
        return new MountTable([])
      },
      hostNamespace: 1,
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
    mounts.changed(1)
    state.now = 200
    mounts.host()
    assert.equal(state.reads.length, 3)
  })

  it('are read at most once in a moment, and not when others mount something', () => {
    const { state, mounts } = fixture()
    for (let call = 0; call < 1000; call++) {
      mounts.changed(7)
      mounts.host()
      state.now++
    }
    assert.equal(state.reads.length, 1)
    for (let call = 0; call < 1000; call++) {
      mounts.changed(call % 2 === 0 ? 1 : null)
      mounts.host()
      mounts.of(7, 42)
      state.now++
    }
    assert.deepEqual(
      [HOST_MOUNTS, '/proc/42/mountinfo'].map((path) => state.reads.filter((read) => read === path).length),
      [11, 10],
    )
  })

  it('are kept for longer when reading them costs much', () => {
    const { state, mounts } = fixture()
    state.tookMs = 100
    mounts.host()
    state.now = 1999
    mounts.host()
    assert.equal(state.reads.length, 1)
    state.now = 2000
    mounts.host()
    assert.equal(state.reads.length, 2)
  })

  it('are not kept for longer, nor left out, when the reader only had to wait for the CPU', () => {
    const { state, mounts } = fixture({ read: (path: string) => (state.reads.push(path), (state.now += 400), new MountTable([])) })
    mounts.host()
    state.now = 1000
    mounts.host()
    assert.equal(state.reads.length, 2)
    for (const namespace of [2, 3, 4]) assert.notEqual(mounts.of(namespace, 42), null)
    assert.equal(mounts.counters.refused, 0)
  })

  it('take at most half of the time when reading them waits, for who mounts all the time', () => {
    const { state, mounts } = fixture({ read: (path: string) => (state.reads.push(path), (state.now += 800), new MountTable([])) })
    for (const end = 24_000; state.now < end; state.now += 10) mounts.host()
    assert.equal(state.reads.length, 15)
    for (const namespace of [2, 3, 4]) mounts.of(namespace, 42)
    assert.deepEqual([state.reads.length, mounts.counters.refused], [17, 1])
  })

  it('of other namespaces are not read when that took too long, until the next refill', () => {
    const { state, mounts } = fixture({ readMs: 50 })
    state.tookMs = 30
    for (const namespace of [2, 3, 4]) mounts.of(namespace, 42)
    assert.equal(state.reads.length, 2)
    assert.equal(mounts.counters.refused, 1)
    mounts.refill()
    assert.notEqual(mounts.of(4, 42), null)
  })

  it('are unknown and counted when there are too many', () => {
    const { state, mounts } = fixture()
    mounts.of(7, 42)
    state.isTooLarge = true
    state.now = 1000
    assert.equal(mounts.of(7, 42), null)
    assert.equal(mounts.host(), null)
    assert.equal(mounts.counters.tooMany, 2)
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

  it('have the overlays of runtimes, also one that was mounted a moment ago, and are not read all the time for one that is not there', () => {
    const { state, mounts } = fixture({ read: (path: string) => (state.reads.push(path), new MountTable([], true, state.overlays)) })
    assert.equal(mounts.hasOverlay(41, 0), false)
    state.overlays.add(41)
    state.now = 10
    assert.equal(mounts.hasOverlay(41, 10_000), true)
    for (let call = 0; call < 100; call++, state.now++) mounts.hasOverlay(42, state.now * 1000)
    assert.ok(state.reads.length <= 2 + 10, String(state.reads.length))
  })

  it('have an overlay at an exec only by a table of then: its number may be that of another one since something was unmounted', () => {
    const read = (path: string): MountTable => {
      state.reads.push(path)
      if (state.isGone) throw new Error('EIO')
      return new MountTable([], true, new Set(state.overlays))
    }
    const { state, mounts } = fixture({ read })
    state.overlays.add(41)
    assert.equal(mounts.hasOverlay(41, 0), true)
    state.now = 5
    assert.equal(mounts.hasOverlay(41, 5000), true, 'nothing has changed')
    state.overlays.delete(41)
    mounts.changed(7)
    assert.equal(mounts.hasOverlay(41, 0), true, 'of an exec before the table')
    assert.equal(mounts.hasOverlay(41, 5000), false, 'it may not be read yet')
    state.now = 20
    state.isGone = true
    assert.equal(mounts.hasOverlay(41, 15_000), false, 'it can not be read')
    state.isGone = false
    state.overlays.add(41)
    state.now = 40
    assert.equal(mounts.hasOverlay(41, 30_000), true)
    assert.equal(state.reads.length, 3)
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
