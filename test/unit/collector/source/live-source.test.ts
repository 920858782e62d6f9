// The live source over rings that a test fills: order across the rings, room, sleep, stop.
import assert from 'node:assert/strict'
import { EventHeader } from '../../../../collector/ring-events/event-header.js'
import type { RingBatch, SourceFacts } from '../../../../collector/source/event-source.js'
import { LiveSource } from '../../../../collector/source/live-source.js'
import { framedLength, recordLength, RING_HEADER_BYTES } from '../../../../collector/source/ring-framing.js'
import { FakeKernelSession } from '../../../support/fakes/fake-kernel-session.js'
import { exitRecord, openRecord } from '../../../support/records/ring-records.js'
import { waitFor } from '../../../support/wait-for.js'

const FACTS: SourceFacts = { bootId: 'b', hostName: 'h', kernelRelease: 'k', cpus: 1, isLive: true, bootToWallUs: null }

/** Takes batches and writes down the pids, of security records negative. */
class Receiver {
  readonly seen: number[] = []
  batches = 0
  /** Of each batch of the security ring. */
  readonly ahead: boolean[] = []
  room = Infinity
  /** For records of the bulk ring. */
  bulkRoom = Infinity
  readonly #header = new EventHeader()

  readonly receive = (batch: RingBatch): void => {
    this.batches++
    if (batch.ring === 0) this.ahead.push(batch.isAhead)
    while (batch.offset < batch.endOffset && this.room > 0 && !(batch.ring === 1 && this.bulkRoom === 0)) {
      const frame = batch.view.getUint32(batch.offset, true)
      this.#header.read(batch.view, batch.offset + RING_HEADER_BYTES, recordLength(frame))
      this.seen.push(batch.ring === 0 ? -this.#header.pid : this.#header.pid)
      batch.offset += framedLength(frame)
      this.room--
      if (batch.ring === 1) this.bulkRoom--
    }
  }
}

describe('live source', () => {
  let session: FakeKernelSession
  let receiver: Receiver
  let source: LiveSource
  const open = (pid: number): void => session.bulk.commit(openRecord({ pid }))
  const exit = (pid: number): void => session.security.commit(exitRecord({ pid }, 0))
  /** Exits, until the security ring is not read on, or up to a position. */
  async function exitsUntilHeld(most: number): Promise<void> {
    while (session.security.read < most) {
      const { read } = session.security
      for (let count = 0; count < 1000; count++) exit(7)
      session.wake()
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (session.security.read === read) return
    }
  }
  const isAsleep = (): boolean => session.security.isArmed && session.bulk.isArmed

  beforeEach(() => {
    session = new FakeKernelSession()
    receiver = new Receiver()
    source = new LiveSource(session, FACTS, { turnBytes: 1024, tickMs: 1 })
  })
  afterEach(() => source.close())

  it('delivers what is in the rings, security first', async () => {
    open(1)
    exit(2)
    source.start(receiver.receive)
    await waitFor('both records', () => receiver.seen.length === 2)
    assert.deepEqual(receiver.seen, [-2, 1])
  })

  it('marks security records when older bulk records are still to come', async () => {
    for (let pid = 1; pid <= 100; pid++) open(pid)
    exit(1000)
    source.start(receiver.receive)
    await waitFor('all opens', () => receiver.seen.length === 101)
    await waitFor('sleep', isAsleep)
    exit(1001)
    session.wake()
    await waitFor('the second exit', () => receiver.seen.includes(-1001))
    assert.deepEqual(receiver.ahead, [true, false])
  })

  it('marks security records when bulk records came after the bulk ring was polled, as when the reader was kept from the CPU', async () => {
    let isKept = false
    session.security.onPoll = () => {
      if (isKept || receiver.batches > 0) return
      isKept = true
      open(1)
      exit(1)
    }
    source.start(receiver.receive)
    await waitFor('both', () => receiver.seen.length === 2)
    assert.deepEqual([receiver.seen, receiver.ahead], [[-1, 1], [true]])
  })

  it('delivers an open only after every earlier security record, also when these need more than one turn', async () => {
    for (let pid = 1; pid <= 100; pid++) exit(pid)
    open(1000)
    source.start(receiver.receive)
    await waitFor('the open', () => receiver.seen.includes(1000))
    assert.deepEqual(receiver.seen, [...Array.from({ length: 100 }, (_, index) => -(index + 1)), 1000])
  })

  it('does not let a flood of security records hold an open back for ever', async () => {
    open(1000)
    let pid = 0
    session.security.onPoll = () => {
      for (let count = 0; count < 20; count++) exit(++pid)
    }
    source.start(receiver.receive)
    await waitFor('the open', () => receiver.seen.includes(1000))
  })

  it('sleeps when the rings are empty, and wakes for the next event', async () => {
    open(1)
    source.start(receiver.receive)
    await waitFor('sleep', isAsleep)
    assert.deepEqual(receiver.seen, [1])
    open(2)
    session.wake()
    assert.deepEqual(receiver.seen, [1, 2])
  })

  it('gathers what follows an event that woke it, if it may, and then sleeps', async () => {
    const patient = new LiveSource(session, FACTS, { tickMs: 5, loadRecords: 0 })
    patient.start(receiver.receive)
    await waitFor('sleep', isAsleep)
    open(1)
    session.wake()
    assert.deepEqual(receiver.seen, [1], 'at once')
    open(2)
    exit(3)
    session.wake()
    assert.deepEqual(receiver.seen, [1], 'not by a wake-up')
    await waitFor('the others', () => receiver.seen.length === 3)
    assert.deepEqual([receiver.seen, receiver.batches], [[1, -3, 2], 3])
    patient.close()
  })

  it('does not sleep over an event that comes while it arms', async () => {
    const { bulk } = session
    const arm = bulk.arm.bind(bulk)
    bulk.arm = () => {
      if (bulk.armings === 0) open(7)
      return arm()
    }
    source.start(receiver.receive)
    await waitFor('the event', () => receiver.seen.includes(7))
  })

  it('frees nothing without an acknowledgement', async () => {
    open(1)
    source.start(receiver.receive)
    await waitFor('sleep', isAsleep)
    assert.equal(session.bulk.acked, 0)
    source.ack(1, 64)
    assert.equal(session.bulk.acked, 64)
  })

  it('waits for room, loses nothing meanwhile, and keeps the order', async () => {
    receiver.room = 3
    for (let pid = 1; pid <= 3; pid++) exit(pid)
    for (let pid = 10; pid <= 12; pid++) open(pid)
    source.start(receiver.receive)
    await waitFor('the first three', () => receiver.seen.length === 3)
    const { batches } = receiver
    session.wake()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(receiver.batches, batches, 'it is not asked again before there is room')
    receiver.room = Infinity
    source.resume(1)
    await waitFor('the others', () => receiver.seen.length === 6)
    assert.deepEqual(receiver.seen, [-1, -2, -3, 10, 11, 12])
  })

  it('reads the security ring on while there is no room for opens, up to a full ring', async () => {
    receiver.bulkRoom = 0
    open(1)
    source.start(receiver.receive)
    await waitFor('the open that has no room', () => receiver.batches > 0)
    for (let pid = 1; pid <= 100; pid++) exit(pid)
    session.wake()
    await waitFor('the exits', () => receiver.seen.length === 100)
    assert.ok(
      receiver.ahead.every((isAhead) => isAhead),
      'their processes have opens that are still to come',
    )
    const { sizeBytes } = session.security
    const before = session.security.read
    await exitsUntilHeld(before + 2 * sizeBytes)
    assert.ok(session.security.read - before <= sizeBytes + 1024, String(session.security.read - before))
    receiver.bulkRoom = Infinity
    source.resume(1)
    await waitFor('all', () => receiver.seen.includes(1) && session.security.read === session.security.produced)
  })

  it('is one full ring ahead of the oldest open that waits, however often there was room for some', async () => {
    const { sizeBytes } = session.security
    for (let pid = 1; pid <= 100; pid++) open(pid)
    receiver.bulkRoom = 0
    source.start(receiver.receive)
    await waitFor('the opens that have no room', () => receiver.batches > 0)
    for (let times = 0; times < 3; times++) {
      await exitsUntilHeld(4 * sizeBytes)
      receiver.bulkRoom = 10
      source.resume(1)
      await waitFor('ten opens', () => receiver.bulkRoom === 0)
    }
    await exitsUntilHeld(4 * sizeBytes)
    assert.ok(session.security.read <= sizeBytes + 4 * 2048, String(session.security.read))
    receiver.bulkRoom = Infinity
    source.resume(1)
    await waitFor('the other opens', () => receiver.seen.includes(100))
    receiver.bulkRoom = 0
    open(101)
    const before = session.security.read
    await exitsUntilHeld(4 * sizeBytes)
    assert.ok(session.security.read > before + sizeBytes / 2, 'what waits now came later')
  })

  it('ends at a stop only when a record that is still being written is delivered, too', async () => {
    const poll = session.bulk.poll.bind(session.bulk)
    let looks = 0
    session.bulk.poll = (span, maxBytes) => poll(span, looks++ < 10 ? 0 : maxBytes)
    open(1)
    source.start(receiver.receive)
    source.stop()
    await source.done
    assert.deepEqual(receiver.seen, [1])
  })

  it('detaches the probes at a stop, and drains the rings', async () => {
    for (let pid = 1; pid <= 200; pid++) open(pid)
    source.start(receiver.receive)
    source.stop()
    assert(session.isDetached)
    await source.done
    assert.deepEqual(
      receiver.seen,
      Array.from({ length: 200 }, (_, index) => index + 1),
    )
  })

  it('delivers at a stop also what arrived while it waited for room', async () => {
    receiver.room = 1
    for (let pid = 1; pid <= 2; pid++) open(pid)
    source.start(receiver.receive)
    await waitFor('the first', () => receiver.seen.length === 1)
    for (let pid = 3; pid <= 200; pid++) open(pid)
    source.stop()
    receiver.room = Infinity
    source.resume(1)
    await source.done
    assert.equal(receiver.seen.length, 200)
  })

  it('ends when it was never started: the probes are detached, and a later start reads nothing', async () => {
    open(1)
    source.stop()
    await source.done
    assert(session.isDetached)
    source.start(receiver.receive)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual([receiver.batches, receiver.seen], [0, []])
    assert.equal(session.bulk.acked, 0)
  })

  it('rejects when a receiver fails, and delivers no more', async () => {
    open(1)
    source.start(() => {
      throw new Error('bug')
    })
    await assert.rejects(source.done, /bug/)
  })

  it('follows a ring that wraps', async () => {
    source.start(receiver.receive)
    const expected: number[] = []
    for (let round = 0; round < 40; round++) {
      for (let pid = 1; pid <= 500; pid++) {
        open(pid)
        expected.push(pid)
      }
      session.wake()
      await waitFor('the round', () => receiver.seen.length === expected.length)
    }
    assert(session.bulk.produced > session.bulk.sizeBytes)
    assert.deepEqual(receiver.seen, expected)
  })
})
