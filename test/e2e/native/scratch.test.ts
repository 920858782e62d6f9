// The guard of a CPU's scratch: what a program finds when it was let in while another one still makes its record there. Such a preemption
// can't be had on every kernel, so the guard is set from outside, as the preempted program would have left it.
import { KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { KernelSession } from '../../../native/rings.js'
import { makeCgroup } from './cgroup-folder.js'
import { drain } from './kernel-records.js'
import { openSession, totalOf } from './watch.js'
import { Workloads } from './workload.js'

interface MapInfo {
  readonly id: number
  readonly name?: string
}

const BPFTOOL = existsSync('/usr/sbin/bpftool') ? '/usr/sbin/bpftool' : 'bpftool'

/** Ids of the BPF maps that this process has open. */
function openMaps(): Set<number> {
  const texts = readdirSync('/proc/self/fdinfo').map((fd) => {
    try {
      return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
    } catch {
      return '' // the folder's own descriptor
    }
  })
  return new Set(texts.flatMap((text) => /^map_id:\s*(\d+)$/m.exec(text)?.[1] ?? []).map(Number))
}

/** The map `scratch_taken` of the session that this process has open. */
function guardOf(): number {
  const open = openMaps()
  const maps = JSON.parse(execFileSync(BPFTOOL, ['-j', 'map', 'show'], { encoding: 'utf8', maxBuffer: 1 << 26 })) as MapInfo[]
  const own = maps.filter(({ id, name }) => name === 'scratch_taken' && open.has(id))
  assert.equal(own.length, 1)
  return own[0]?.id ?? assert.fail()
}

/** Of a per-CPU map bpftool sets the value of every CPU. */
function setGuard(id: number, isTaken: boolean): void {
  const value = [isTaken ? '1' : '0', ...Array<string>(7).fill('0')]
  execFileSync(BPFTOOL, ['map', 'update', 'id', String(id), 'key', '0', '0', '0', '0', 'value', ...value])
}

/** The drops of a kind, between two readings of what was emitted: other processes go on meanwhile. */
function sumOf(session: KernelSession, kind: number): Record<'emittedBefore' | 'dropped' | 'emittedAfter', number> {
  const emittedBefore = totalOf(session, 'emitted', kind)
  const dropped = totalOf(session, 'dropped', kind)
  return { emittedBefore, dropped, emittedAfter: totalOf(session, 'emitted', kind) }
}

describe('scratch of a CPU', () => {
  let workloads: Workloads
  before(() => {
    workloads = new Workloads()
  })
  after(() => workloads.close())

  it('is not written while another program uses it: the event is counted as dropped, with a gap in its sequence', () => {
    const session = openSession()
    const cgroup = makeCgroup()
    const ours = (): number => session.rings.flatMap((ring) => drain(ring)).filter(({ cgroupId }) => cgroupId === cgroup.id).length
    try {
      const guard = guardOf()
      setGuard(guard, true)
      ours() // what came before
      const before = [KIND.exec, KIND.open].map((kind) => sumOf(session, kind))
      workloads.run('execs', [cgroup.procs, '5'])
      workloads.run('open-storm', [cgroup.procs, '50'])
      assert.equal(ours(), 0)
      const after = [KIND.exec, KIND.open].map((kind) => sumOf(session, kind))
      for (const [index, least] of [5, 50].entries()) {
        const [first, last] = [before[index] ?? assert.fail(), after[index] ?? assert.fail()]
        const [fewest, most] = [last.emittedBefore - first.emittedAfter, last.emittedAfter - first.emittedBefore]
        const dropped = last.dropped - first.dropped
        assert(fewest >= least, String(fewest))
        assert(dropped >= fewest && dropped <= most, `${String(dropped)} were dropped, of ${String(fewest)} to ${String(most)}`)
      }
      setGuard(guard, false)
      workloads.run('open-storm', [cgroup.procs, '50'])
      assert(ours() >= 50, 'events come again')
      const gaps = session.counters().map(({ seq, emitted }) => [seq[0], [1, 2, 3, 4].reduce((sum, kind) => sum + (emitted[kind] ?? 0), 0)])
      for (const [given, emitted] of gaps) assert.equal(given, emitted, 'each that was lost took a number of its sequence')
    } finally {
      session.close()
      cgroup.remove()
    }
  })
})
