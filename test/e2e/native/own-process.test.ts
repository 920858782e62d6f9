// Whose events are left out: of the collector's own process and of a helper in its memory, and of nobody who comes to have the same number. Needs root.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KIND } from '../../../native/generated/layout.js'
import { readOfOther } from '../../../native/index.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { drain, execOf, factsOf, openOf, type KernelRecord } from './kernel-records.js'
import { openSession } from './watch.js'
import { Workloads } from './workload.js'

describe('the events that the collector leaves out', () => {
  let workloads: Workloads
  let marker = ''
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    workloads = new Workloads()
    marker = join(workloads.folder, 'own-process-marker')
    writeFileSync(marker, 'marker')
  })
  after(() => workloads?.close())

  const ofMarker = (records: readonly KernelRecord[], pid: number): number =>
    records.filter((record) => record.kind === KIND.open && record.pid === pid && openOf(record).path === marker).length

  // The probes see the end of the first; of the second, only the time of their start tells the two processes apart.
  for (const isSeen of [true, false]) {
    it(`are not those of a process that gets the number of a collector that died ${isSeen ? 'under' : 'before'} the probes`, async () => {
      const collector = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
      await once(collector, 'spawn')
      const pid = collector.pid ?? 0
      const kill = async (): Promise<void> => {
        collector.kill('SIGKILL')
        await once(collector, 'exit')
      }
      if (!isSeen) await kill()
      const session = openSession({ ignoredPid: pid })
      try {
        if (isSeen) await kill()
        assert.equal(workloads.run('attacks/pid-reuse', [String(pid), marker]).status, 0)
        assert.equal(ofMarker(drain(session.rings[1]), pid), 1)
      } finally {
        session.close()
      }
    })
  }

  it('are not those of a program that the process becomes', async () => {
    const shell = spawn('sh', ['-c', 'read line; exec cat "$0"', marker], { stdio: ['pipe', 'ignore', 'ignore'] })
    await once(shell, 'spawn')
    const pid = shell.pid ?? 0
    const session = openSession({ ignoredPid: pid })
    try {
      shell.stdin.end('go\n')
      await once(shell, 'exit')
      const execs = drain(session.rings[0]).filter((record) => record.kind === KIND.exec && record.pid === pid)
      assert.deepEqual(
        execs.map((record) => execOf(record).args),
        [['cat', marker]],
      )
      assert.equal(ofMarker(drain(session.rings[1]), pid), 1)
    } finally {
      session.close()
    }
  })

  it('are its own, and those of the helper that reads what others may hold up', () => {
    const session = openSession({ ignoredPid: process.pid })
    try {
      closeSync(openSync(marker, 'r'))
      assert.equal(Buffer.from(readOfOther(marker, 100, 5000) as Uint8Array).toString(), 'marker')
      const forks = drain(session.rings[0]).filter((record) => record.kind === KIND.fork && factsOf(record).parentPid === process.pid)
      assert.deepEqual(forks, [])
      const opens = drain(session.rings[1]).filter((record) => record.kind === KIND.open && openOf(record).path === marker)
      assert.deepEqual(opens, [])
    } finally {
      session.close()
    }
  })
})
