// The rings under load and asleep: what the counters say must be what was read, nothing is freed before its ack, no wake-up is lost.
import { FILE_CHANGE_KINDS } from '../../../collector/ring-events/event-kinds.js'
import { KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { waitFor } from '../../support/wait-for.js'
import type { CpuCounters } from '../../../native/addon.js'
import type { KernelSession, RingSpan } from '../../../native/rings.js'
import { makeCgroup } from './cgroup-folder.js'
import { drain, recordsOf, type KernelRecord } from './kernel-records.js'
import { openSession, totalOf } from './watch.js'
import { Workloads } from './workload.js'

const TOPIC_FILE = 1

function newSpan(): RingSpan {
  return { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 }
}

function openOnce(path = '/dev/null'): void {
  closeSync(openSync(path, 'r'))
}

/** Of all kinds of the topic file, which are what the bulk ring holds. */
function fileKinds(counts: readonly number[]): number {
  return counts.reduce((sum, count, kind) => sum + (kind === KIND.open || FILE_CHANGE_KINDS.includes(kind) ? count : 0), 0)
}

/**
 * Waits until read + dropped = emitted, and gaps in the sequences = dropped. Other processes open files between reading ring and counters, so
 * it may take more than one attempt; wrong counts never balance.
 */
async function booksToBalance(records: KernelRecord[], session: KernelSession): Promise<void> {
  await waitFor('read + dropped = emitted', () => {
    records.push(...drain(session.rings[1]))
    const counters = session.counters()
    const sum = (of: (cpu: CpuCounters) => number | undefined): number => counters.reduce((total, cpu) => total + (of(cpu) ?? 0), 0)
    const dropped = sum((cpu) => fileKinds(cpu.dropped))
    const given = sum((cpu) => cpu.seq[TOPIC_FILE])
    const seen = new Set(records.map((record) => `${record.cpu}:${record.seq}`))
    assert.equal(seen.size, records.length, 'no sequence twice')
    return records.length + dropped === sum((cpu) => fileKinds(cpu.emitted)) && given - seen.size === dropped
  })
}

describe('rings', () => {
  let workloads: Workloads
  before(() => {
    workloads = new Workloads()
  })
  after(() => workloads.close())

  it('overflow with every loss counted: read + dropped = emitted, and gaps add up to the drops', async () => {
    const session = openSession({ bulkRingBytes: 1 << 16 })
    const cgroup = makeCgroup()
    try {
      workloads.run('open-storm', [cgroup.procs, '20000'])
      assert(totalOf(session, 'emitted', KIND.open) >= 20000)
      assert(totalOf(session, 'dropped', KIND.open) > 0)
      await booksToBalance([], session)
    } finally {
      session.close()
      cgroup.remove()
    }
  })

  it('keep exact counts while they are read and overflow at the same time', async () => {
    const session = openSession({ bulkRingBytes: 1 << 16 })
    const cgroup = makeCgroup()
    const records: KernelRecord[] = []
    try {
      const storms = [1, 2].map(() => spawn(workloads.program('open-storm'), [cgroup.procs, '40000'], { stdio: 'ignore' }))
      let running = storms.length
      for (const storm of storms) storm.once('exit', () => running--)
      while (running > 0) {
        records.push(...drain(session.rings[1]))
        await turn()
      }
      await booksToBalance(records, session)
      assert(records.filter((record) => record.cgroupId === cgroup.id).length > 0)
    } finally {
      session.close()
      cgroup.remove()
    }
  })

  it('do not lose security events in a flood of opens', () => {
    const session = openSession({ bulkRingBytes: 4096 })
    const cgroup = makeCgroup()
    try {
      workloads.run('open-storm', [cgroup.procs, '5000'])
      workloads.run('execs', [cgroup.procs, '5'])
      const execs = drain(session.rings[0]).filter((record) => record.kind === KIND.exec && record.cgroupId === cgroup.id)
      assert.equal(execs.length, 5)
      assert(totalOf(session, 'dropped', KIND.open) > 0)
      assert.equal(totalOf(session, 'dropped', KIND.exec), 0)
    } finally {
      session.close()
      cgroup.remove()
    }
  })

  it('free nothing before the ack, and refuse an ack beyond what was read', () => {
    const session = openSession({ bulkRingBytes: 4096 })
    const [, bulk] = session.rings
    const span = newSpan()
    try {
      for (let i = 0; i < 50; i++) openOnce()
      assert(bulk.poll(span, 4096) > 0)
      assert(totalOf(session, 'dropped', KIND.open) > 0, 'the rest is not for one process')
      const before = Buffer.from(bulk.bytes.subarray(span.startOffset, span.endOffset))
      const dropped = totalOf(session, 'dropped', KIND.open)
      for (let i = 0; i < 50; i++) openOnce()
      assert(totalOf(session, 'dropped', KIND.open) >= dropped + 50, 'what was read and not acked still takes its room')
      assert(before.equals(bulk.bytes.subarray(span.startOffset, span.endOffset)))
      assert.throws(() => bulk.ack(span.endPosition + 8), RangeError)
      assert.throws(() => bulk.ack(-1), RangeError)
      assert.throws(() => bulk.ack(1.5), RangeError)
      bulk.ack(span.endPosition)
      bulk.ack(0)
      openOnce()
      assert(bulk.poll(span, 4096) > 0, 'there is room again, and an older position took nothing back')
    } finally {
      session.close()
    }
  })

  it('return about as many bytes as requested, and the lag', () => {
    const session = openSession()
    const [, bulk] = session.rings
    const span = newSpan()
    try {
      for (let i = 0; i < 100; i++) openOnce()
      const records = bulk.poll(span, 1000)
      const bytes = span.endOffset - span.startOffset
      assert(records > 0 && records < 100)
      assert(bytes >= 1000 && bytes < 10_000)
      assert(span.bytesBehind > 0)
      const first = recordsOf(bulk.bytes, span.startOffset, span.endOffset)
      assert.equal(first.length, records)
      assert.equal(bulk.poll(span, 0), 0)
      assert(drain(bulk).length >= 100 - records)
    } finally {
      session.close()
    }
  })

  it('wake a sleeping reader for each single event, many times', async () => {
    const session = openSession()
    let wakes = 0
    session.onWake(() => wakes++)
    try {
      for (let round = 0; round < 300; round++) {
        for (;;) {
          drain(session.rings[0])
          drain(session.rings[1])
          if (session.rings[1].arm()) break
          await turn()
        }
        const before = wakes
        openOnce()
        await waitFor(`wake-up ${round}`, () => wakes > before, { everyMs: 0 })
        assert(drain(session.rings[1]).length > 0)
      }
    } finally {
      session.close()
    }
  })

  it('deliver every event of another process to a reader that sleeps when the ring is empty', async () => {
    const session = openSession()
    const cgroup = makeCgroup()
    let count = 0
    const read = (): void => {
      for (const ring of session.rings)
        count += drain(ring).filter((record) => record.cgroupId === cgroup.id && record.kind === KIND.open).length
      if (!session.rings[0].arm() || !session.rings[1].arm()) setImmediate(read)
    }
    session.onWake(read)
    read()
    try {
      for (let round = 0; round < 20; round++) {
        const storm = spawn(workloads.program('open-storm'), [cgroup.procs, '50'], { stdio: 'ignore' })
        await once(storm, 'exit')
      }
      await waitFor('all events', () => count === 20 * 50)
      assert.equal(totalOf(session, 'dropped'), 0)
    } finally {
      session.close()
      cgroup.remove()
    }
  })

  it('wake by an ack when there was no room left for the wake-up itself', async () => {
    const session = openSession({ securityRingBytes: 4096 })
    const cgroup = makeCgroup()
    const program = spawn(workloads.program('exec-self'), [cgroup.procs, 'asked'], { stdio: ['pipe', 'pipe', 'ignore'] })
    let [wakes, lines] = [0, 0]
    session.onWake(() => wakes++)
    program.stdout.on('data', (data: Buffer) => (lines += data.toString().split('\n').length - 1))
    const exec = async (bytes: number): Promise<void> => {
      const before = lines
      program.stdin.write(`${String(bytes)}\n`)
      await waitFor('the exec', () => lines > before, { everyMs: 0 })
    }
    try {
      await waitFor('the program', () => lines > 0)
      // Other processes make events, too: an attempt that they disturbed shows a wake-up before the ack, or another fill level.
      let isProved = false
      const deadline = performance.now() + 60_000
      while (!isProved && performance.now() < deadline) isProved = await fillToTheBrim(session, cgroup.id, exec, () => wakes)
      assert(isProved, 'every attempt was disturbed')
    } finally {
      program.kill('SIGKILL')
      await once(program, 'exit')
      session.close()
      cgroup.remove()
    }
  })
})

/**
 * Fills the security ring with two execs, so that the second leaves no room for a wake-up; true when the ack of the first then woke the reader.
 * Nothing bounds what one program holds of a ring by its execs while little of it is filled.
 */
async function fillToTheBrim(
  session: KernelSession,
  cgroupId: bigint,
  exec: (bytes: number) => Promise<void>,
  wakes: () => number,
): Promise<boolean> {
  const [security] = session.rings
  const span = newSpan()
  const usable = 4096 - 8 // kernel/bpf/ringbuf.c: a reservation must leave the producer behind the consumer's next turn
  drain(security)
  security.poll(span, 4096)
  security.ack(span.endPosition)
  const start = span.endPosition
  await exec(8)
  security.poll(span, 4096)
  const read = span.endPosition
  const first = recordsOf(security.bytes, span.startOffset, span.endOffset).find((record) => record.cgroupId === cgroupId)
  if (first?.kind !== KIND.exec) return false
  // The second record takes all of the rest, its header of 8 bytes included.
  const length = usable - (read - start) - 8 - (first.bytes.length - 8)
  if (length < 8 || !security.arm()) return false
  const before = wakes()
  await exec(length)
  await turn()
  await turn()
  const isUndisturbed = wakes() === before
  security.ack(read)
  if (!isUndisturbed) return false
  await waitFor('the wake-up of the ack', () => wakes() > before, { everyMs: 0, quietMs: 10_000 })
  return security.poll(span, 4096) === 1 && span.endPosition - start === usable
}
