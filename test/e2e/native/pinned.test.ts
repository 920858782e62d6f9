// Sessions that outlive their process: what a second session over the same pins finds. Needs root and bpffs.
import { KIND } from '../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { DEFAULT_KERNEL_KNOBS, NO_FILTERS } from '../../../native/kernel-control.js'
import { BPFFS, type PinnedSession, openPinnedSession, unloadPins } from '../../../native/pins.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { makeCgroup, type CgroupFolder } from './cgroup-folder.js'
import { drain, type KernelRecord } from './kernel-records.js'
import { Workloads } from './workload.js'

describe('pinned session', () => {
  const folder = join(BPFFS, `eunomia-test-${randomUUID()}`)
  const problems: string[] = []
  let workloads: Workloads
  let cgroup: CgroupFolder
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    workloads = new Workloads()
  })
  beforeEach(() => {
    problems.length = 0
    cgroup = makeCgroup()
  })
  afterEach(() => {
    running.forEach(end)
    unloadPins(folder)
    cgroup.remove()
  })
  after(() => workloads?.close())

  const running = new Set<PinnedSession>()
  const open = (): PinnedSession => {
    const onProblem = (problem: string): void => void problems.push(problem)
    const opened = openPinnedSession(DEFAULT_KERNEL_KNOBS, { folder, noReaderMs: 60_000, onProblem })
    running.add(opened)
    return opened
  }
  const end = (opened: PinnedSession): void => {
    running.delete(opened)
    opened.session.close()
    opened.release()
  }
  const recordsOf = ({ session }: PinnedSession): KernelRecord[] =>
    session.rings.flatMap((ring) => drain(ring)).filter(({ cgroupId }) => cgroupId === cgroup.id)
  const opensOf = (records: readonly KernelRecord[]): number => records.filter(({ kind }) => kind === KIND.open).length

  /** Opens of the workload, in a fresh folder. */
  function openFiles(): void {
    const files = join(workloads.folder, randomUUID())
    mkdirSync(files)
    writeFileSync(join(files, 'present'), 'x')
    workloads.run('opens', [cgroup.procs, files])
  }

  it('watches everything again when it is taken over, whatever the filters before left out', () => {
    const first = open()
    first.session.watchKinds(new Set())
    first.session.setFilters({ ...NO_FILTERS, numbers: [{ filter: 'user', number: 0n, mode: 'except' }] })
    openFiles()
    end(first)
    openFiles()
    const second = open()
    const meanwhile = recordsOf(second)
    assert.deepEqual([opensOf(meanwhile), meanwhile.some(({ kind }) => kind === KIND.exit)], [0, true], 'as it was left')
    openFiles()
    assert(opensOf(recordsOf(second)) > 0)
    end(second)
    assert.deepEqual(problems, [])
  })

  it('recreates all pins when one is missing, and says what is lost', () => {
    end(open())
    const [set = ''] = readdirSync(folder)
    unlinkSync(join(folder, set, 'map_security_ring'))
    const recreated = open()
    assert(recreated.session.probes.every(({ isAttached }) => isAttached))
    end(recreated)
    assert.equal(problems.length, 1)
    assert.match(problems[0] ?? '', /are damaged and recreated; what their rings held is lost/)
  })

  it('leaves foreign pins alone, and works without pins', () => {
    end(open())
    const [set = ''] = readdirSync(folder)
    unlinkSync(join(folder, set, 'map_reader'))
    mkdirSync(join(folder, set, 'foreign'))
    const without = open()
    openFiles()
    assert(opensOf(recordsOf(without)) > 0)
    end(without)
    assert.match(problems.join('\n'), /holds pins that are not ours \(foreign\); remove them by hand/)
    rmdirSync(join(folder, set, 'foreign'))
  })

  it('belongs to one process at a time', () => {
    const first = open()
    const second = open()
    assert.match(problems.join('\n'), /another collector of this host holds it/)
    assert.equal(second.session.pinned, null)
    end(second)
    end(first)
  })
})
