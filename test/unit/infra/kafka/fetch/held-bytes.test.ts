import assert from 'node:assert/strict'
import { HeldBytes } from '../../../../../infra/kafka/fetch/held-bytes.js'

const KIB = 1024

describe('infra/kafka/fetch/held-bytes', () => {
  it('gives each request half of what is left, and always something', () => {
    const held = new HeldBytes(4_096 * KIB)
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => held.takeRequest(8) / KIB),
      [512, 256, 128, 128, 128],
    )
    let freed = 0
    const lease = held.lease(512 * KIB, 100, () => freed++)
    assert.equal(held.total, 640 * KIB + 100)
    lease.retain()
    lease.release()
    assert.deepEqual([held.total, freed], [640 * KIB + 100, 0])
    lease.release()
    assert.equal(freed, 1)
    held.giveFrame(640 * KIB)
    assert.deepEqual([held.total, held.takeRequest(8) / KIB], [0, 512])
  })

  it('bounds unpacked records, serves those who wait in order, and lets one through that is alone', async () => {
    const held = new HeldBytes(20)
    const { signal } = new AbortController()
    assert.equal(held.tryTakeUnpacked(6), true)
    assert.equal(held.tryTakeUnpacked(6), false)
    const order: number[] = []
    const waits = [8, 2, 50].map((bytes) => held.takeUnpacked(bytes, signal).then(() => order.push(bytes)))
    assert.equal(held.tryTakeUnpacked(1), false)
    held.giveUnpacked(6)
    await Promise.all(waits.slice(0, 2))
    assert.deepEqual([order, held.total], [[8, 2], 10])
    held.giveUnpacked(10)
    await waits[2]
    held.giveUnpacked(50)
    assert.equal(held.total, 0)
  })

  it('leaves nothing behind when a wait is ended', async () => {
    const held = new HeldBytes(20)
    held.tryTakeUnpacked(10)
    const end = new AbortController()
    const ended = held.takeUnpacked(10, end.signal)
    const next = held.takeUnpacked(3, new AbortController().signal)
    end.abort(new Error('ended'))
    await assert.rejects(ended, /ended/)
    held.giveUnpacked(10)
    await next
    const late = new AbortController()
    const granted = held.takeUnpacked(10, late.signal)
    held.giveUnpacked(3)
    late.abort(new Error('ended'))
    await assert.rejects(granted, /ended/)
    assert.equal(held.total, 0)
  })
})
