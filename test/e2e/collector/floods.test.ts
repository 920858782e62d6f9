// Floods of events that cost their makers nothing: what other programs do is still seen, all is counted, and an event names the flooder.
// Needs root.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { unknownCallCounters } from '../../../collector/unknown-calls.js'
import { KIND, TEXT, UNKNOWN_CALL, UNKNOWN_CALLS } from '../../../native/generated/layout.js'
import { DEFAULT_KERNEL_KNOBS, NO_FILTERS } from '../../../native/kernel-control.js'
import type { KernelSession } from '../../../native/rings.js'
import { CALL_NUMBERS } from '../../../schemas/generated/calls.js'
import { runLiveCollector } from '../../support/load/live-collector.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { waitFor } from '../../support/wait-for.js'
import { type CgroupFolder, makeCgroup } from '../native/cgroup-folder.js'
import { drain, execOf, openOf, ticketOf, type KernelRecord } from '../native/kernel-records.js'
import { openSession } from '../native/watch.js'
import { Workloads } from '../native/workload.js'
import { type Counts, countsOf, useUnread } from './unread-probes.js'

const NO_I386 = 77
const FLOODERS = 2
const ROUNDS = 60_000
const EXECS = 101
const RENAMES = 50
const REPEATS = 10
/** For those that cost more. */
const FORKS = 4000
const SIBLINGS = 64
const ROUNDS_OF_SIBLING = 2000
const FORKS_OF_SIBLING = 200
/** What one cgroup of many has room for. */
const FEW_REPEATS = 2
const FEW_OPENS = 20
const OWN_OPENS = 50
const CONNECTIONS = 15_000
/** Records of 200 bytes: more than fill the ring of opens. */
const OPENS = 150_000
/** For what costs its maker more: records of 9 KiB of execs, and two of 150 bytes of each cgroup, are more than this ring. */
const SMALL_RING = { securityRingBytes: 2 << 20 }
const LONG_EXECS = 300
/** What two pods fill to their shares. */
const POD_RING = { securityRingBytes: 8 << 20 }
const POD_EXECS = 700
const CGROUPS = 12_000

describe('floods', () => {
  const workloads = new Workloads()
  const unread = useUnread()
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
  })
  after(() => workloads.close())

  /** As `unread`, in a cgroup of the third level. `parent` is that of the second, below which others flood. */
  function besideFlood(work: (parent: string, procs: string) => void): { records: readonly KernelRecord[]; session: Counts } {
    const first = makeCgroup()
    const second = makeCgroup(first.path, 'slice')
    const own = makeCgroup(second.path, 'own')
    try {
      return unread(() => work(second.path, own.procs), undefined, own)
    } finally {
      for (const folder of [own, second, first]) folder.remove()
    }
  }

  it('of free calls leave room for every fork, exec and exit of others, though nobody reads the ring', () => {
    const { records, session } = unread((_session, procs) => {
      workloads.run('attacks/flood-free-calls', ['-', String(FLOODERS), String(ROUNDS)])
      workloads.run('execs', [procs, String(EXECS)])
    })
    const own = (kind: number): number => records.filter((record) => record.kind === kind).length
    assert.deepEqual([own(KIND.fork), own(KIND.exec)], [EXECS, EXECS])
    assert.deepEqual([session.dropped(KIND.fork), session.dropped(KIND.exec), session.dropped(KIND.exit)], [0, 0, 0])
    assert(session.budget(KIND.call) > 0 && session.budget(KIND.execRefused) > 0)
  })

  for (const [how, rounds] of [
    ['', ROUNDS],
    ['fork', FORKS],
    ['uids', FORKS],
    ['old-abi', FORKS],
  ] as const) {
    it(`of free calls hide none that another process makes again, though nobody reads the ring ${how}`, function () {
      const { records, result, session } = unread((_session, procs) => {
        const { status } = workloads.run('attacks/flood-free-calls', ['-', String(FLOODERS), String(rounds), how])
        workloads.run('attacks/flood-free-calls', [procs, '1', String(REPEATS)])
        if (how === 'fork') workloads.run('execs', [procs, String(EXECS)])
        return status
      })
      if (result === NO_I386) skipBecause(this, 'this kernel has no i386 calls')
      assert(session.budget(KIND.mount) > 0)
      assert.deepEqual(repeatsIn(records), [REPEATS, REPEATS])
      assert.equal(records.filter(({ kind }) => kind === KIND.exec).length, how === 'fork' ? EXECS : 0)
      assert.equal(session.dropped(KIND.exec), 0)
    })
  }

  it('of free calls hide none that another process of the cgroup makes again, neither before nor after the reader has passed them', () => {
    const { records, result } = unread((session, procs) => {
      const cgroup = statSync(dirname(procs), { bigint: true }).ino
      workloads.run('attacks/flood-free-calls', [procs, String(FLOODERS), String(ROUNDS)])
      workloads.run('attacks/flood-free-calls', [procs, '1', String(REPEATS)])
      const before = drain(session.rings[0]).filter(({ cgroupId }) => cgroupId === cgroup)
      workloads.run('attacks/flood-free-calls', [procs, '1', String(REPEATS)])
      return before
    })
    for (const part of [result, records]) {
      const pids = new Set(part.map(({ pid }) => pid))
      const wholes = [...pids].map((pid) => repeatsIn(part.filter((record) => record.pid === pid)))
      assert.equal(wholes.filter(([prctl, mount]) => prctl === REPEATS && mount === REPEATS).length, 1, JSON.stringify(wholes))
    }
  })

  it('of connections that end at once hide no calls of others, though nobody reads the ring', () => {
    const { records, session } = unread((_session, procs) => {
      workloads.run('attacks/flood-connections', ['-', String(FLOODERS), String(CONNECTIONS)])
      workloads.run('attacks/flood-free-calls', [procs, '1', String(REPEATS)])
    })
    assert(session.budget(KIND.connect) > 0 && session.budget(KIND.close) > 0)
    assert.deepEqual(repeatsIn(records), [REPEATS, REPEATS])
  })

  for (const [how, rounds] of [
    ['', ROUNDS_OF_SIBLING],
    ['fork', FORKS_OF_SIBLING],
  ] as const) {
    it(`of free calls from 64 cgroups hide none of another one next to them ${how}`, () => {
      const { records, session } = besideFlood((parent, procs) => {
        workloads.run('attacks/flood-free-calls', [`+${parent}`, String(SIBLINGS), String(rounds), how])
        workloads.run('attacks/flood-free-calls', [procs, '1', String(FEW_REPEATS)])
      })
      assert(session.budget(KIND.mount) > 0)
      assert.deepEqual(repeatsIn(records), [FEW_REPEATS, FEW_REPEATS])
    })
  }

  it('of opens from 64 cgroups hide none of another one next to them', () => {
    const { records, session } = besideFlood((parent, procs) => {
      workloads.run('attacks/flood-opens', [`+${parent}`, String(SIBLINGS), String((2 * OPENS) / SIBLINGS)])
      workloads.run('open-storm', [procs, String(FEW_OPENS)])
    })
    assert(session.dropped(KIND.open) > 0)
    assert(records.filter(({ kind }) => kind === KIND.open).length >= FEW_OPENS)
  })

  /** Answers the tickets of a path that was opened: a rule names it. */
  function nameIn(probes: KernelSession, path: string): void {
    for (const record of drain(probes.rings[1])) {
      const ticket = record.kind === KIND.open && openOf(record).path === path ? ticketOf(record.bytes) : null
      if (ticket !== null) probes.setPathVerdict(...ticket, true)
    }
  }

  it('of opens that no rule names hide none of a file that a rule names, from the same process, whatever the file is called', () => {
    const [named, link] = [join(workloads.folder, 'named'), join(workloads.folder, 'link')]
    writeFileSync(named, 'x')
    const countOf = (path: string, records: readonly KernelRecord[]): number =>
      records.filter((record) => record.kind === KIND.open && openOf(record).path === path).length
    const { records, session } = unread((probes, procs) => {
      probes.setFilters({ ...NO_FILTERS, opened: NO_FILTERS.opened.map(() => 'byPath') })
      for (let round = 0; round < 3; round++) {
        workloads.run('open-storm', [procs, '1', named])
        nameIn(probes, named)
      }
      linkSync(named, link)
      // Nobody answers: their file never has a verdict.
      workloads.run('open-storm', [
        procs,
        String(OPENS),
        '/dev/null',
        ...Array<string>(FEW_OPENS).fill(named),
        ...Array<string>(FEW_OPENS).fill(link),
      ])
      probes.setFilters(NO_FILTERS)
    })
    assert.deepEqual([countOf(named, records), countOf(link, records)], [FEW_OPENS, FEW_OPENS])
    assert(session.dropped(KIND.open) > OPENS / 4)
  })

  it('of opens of a file that a rule names are dropped at three quarters of the ring', () => {
    const named = join(workloads.folder, 'named')
    const { records, session } = unread((probes, procs) => {
      probes.setFilters({ ...NO_FILTERS, opened: NO_FILTERS.opened.map(() => 'byPath') })
      workloads.run('open-storm', [procs, '1', named])
      nameIn(probes, named)
      workloads.run('open-storm', [procs, String(OPENS), named])
      probes.setFilters(NO_FILTERS)
    })
    const bytes = records.filter(({ kind }) => kind === KIND.open).reduce((sum, record) => sum + record.bytes.length + 8, 0)
    assert(bytes < DEFAULT_KERNEL_KNOBS.bulkRingBytes * 0.76, String(bytes))
    assert(session.dropped(KIND.open) > 0)
  })

  it('of changes of files leave room for the opens and changes of others, though nobody reads the ring', () => {
    const { records, session } = unread((_session, procs) => {
      workloads.run('attacks/flood-changes', ['-', String(FLOODERS), String(ROUNDS)])
      workloads.run('open-storm', [procs, String(OWN_OPENS)])
      const [first, second] = [join(workloads.folder, 'first'), join(workloads.folder, 'second')]
      workloads.run('file-moves', [procs, first, second, String(RENAMES)])
    })
    assert(session.budget(KIND.chmod) > 0)
    assert(records.filter(({ kind }) => kind === KIND.open).length >= OWN_OPENS)
    assert.equal(records.filter(({ kind }) => kind === KIND.rename).length, 2 * RENAMES)
    assert.equal(session.dropped(KIND.rename), 0)
  })

  it('of free calls are refused by the budget of the settings', () => {
    const refused = (callsPerSecond: number): number =>
      unread((_session, procs) => workloads.run('attacks/flood-free-calls', [procs, '1', '300']), {
        budgets: { ...DEFAULT_KERNEL_KNOBS.budgets, callsPerSecond },
      }).session.budget(KIND.prctl)
    // Four at once, and then one a second.
    assert(refused(1) > 150)
    assert(refused(2000) < 100)
  })

  for (const how of [[], ['cgroups']]) {
    it(`of execs with long arguments leave room for every process of others, though nobody reads the ring ${how.join('')}`, function () {
      // Other programs of this machine fill the small ring, too, and some minutes more than others.
      this.retries(2)
      const flooder = makeCgroup()
      try {
        const { records, session } = unread((_session, procs) => {
          workloads.run('attacks/flood-execs', [flooder.procs, String(FLOODERS), String(LONG_EXECS), '65536', ...how])
          workloads.run('execs', [procs, String(EXECS)])
        }, SMALL_RING)
        const own = (kind: number): KernelRecord[] => records.filter((record) => record.kind === kind)
        assert.deepEqual([own(KIND.fork).length, own(KIND.exec).length], [EXECS, EXECS])
        assert(own(KIND.exec).every((record) => (execOf(record).textFlags & TEXT.shortened) === 0))
        assert.deepEqual([session.dropped(KIND.fork), session.dropped(KIND.exec), session.dropped(KIND.exit)], [0, 0, 0])
        // Each of the flood is reported, or counted by kind.
        const made = FLOODERS * LONG_EXECS + EXECS
        for (const kind of [KIND.fork, KIND.exec]) assert(session.emitted(kind) + session.budget(kind) >= made)
        // However many cgroups it makes, all spend the budget of one; other programs of the machine have their own.
        assert(session.cgroupsOverBudget < 5, String(session.cgroupsOverBudget))
      } finally {
        flooder.remove()
      }
    })
  }

  it('of execs are reported in short, with the executable, before they are refused', () => {
    const { records } = unread((_session, procs) => {
      workloads.run('attacks/flood-execs', [procs, String(FLOODERS), String(LONG_EXECS), '65536'])
    }, SMALL_RING)
    const short = records
      .filter(({ kind }) => kind === KIND.exec)
      .map(execOf)
      .filter(({ textFlags, argsBytes }) => (textFlags & TEXT.shortened) !== 0 && argsBytes.length > 0)
    assert(short.length > 0)
    for (const { argsBytes, argsTotal, exePath } of short) {
      assert.equal(argsBytes.length, 256)
      assert(argsTotal > 65536)
      assert.equal(exePath, workloads.program('attacks/flood-execs'))
    }
  })

  it('of execs leave room for calls of others, though nobody reads the ring', () => {
    const flooder = makeCgroup()
    try {
      const { records } = unread((_session, procs) => {
        workloads.run('attacks/flood-execs', [flooder.procs, String(FLOODERS), String(LONG_EXECS), '65536'])
        workloads.run('attacks/flood-free-calls', [procs, '1', String(REPEATS)])
      }, SMALL_RING)
      assert.deepEqual(repeatsIn(records), [REPEATS, REPEATS])
    } finally {
      flooder.remove()
    }
  })

  it('of execs beyond the share are reported without texts, so that nobody keeps the program of its fork', () => {
    const { records, session } = unread((_session, procs) => {
      workloads.run('attacks/flood-execs', [procs, '1', String(LONG_EXECS), '65536'])
    }, SMALL_RING)
    const execs = records.filter(({ kind }) => kind === KIND.exec).map(execOf)
    const bare = execs.filter(({ argsBytes }) => argsBytes.length === 0)
    assert(bare.length > 0)
    assert(session.budget(KIND.fork) > 0, 'it is over its share')
    for (const { textFlags, argsTotal } of bare) {
      assert((textFlags & TEXT.shortened) !== 0 && (textFlags & TEXT.exePathTruncated) !== 0)
      assert(argsTotal > 65536)
    }
    assert.equal(session.budget(KIND.exec), 0)
  })

  it('that the reader has passed are forgotten', () => {
    const flooder = makeCgroup()
    try {
      const { records } = unread((session, procs) => {
        workloads.run('attacks/flood-execs', [procs, '1', String(LONG_EXECS), '65536'])
        for (const ring of session.rings) drain(ring)
        workloads.run('attacks/flood-execs', [flooder.procs, '1', String(LONG_EXECS), '65536'])
        workloads.run('execs', [procs, '1'])
      }, SMALL_RING)
      const execs = records.filter(({ kind }) => kind === KIND.exec).map(execOf)
      assert.deepEqual(
        execs.map(({ textFlags }) => textFlags & TEXT.shortened),
        [0],
      )
    } finally {
      flooder.remove()
    }
  })

  it('of cgroups leave room for every process and cgroup of others, though nobody reads the ring', () => {
    const flooder = makeCgroup()
    let others: CgroupFolder[] = []
    try {
      const { records, session } = unread((_session, procs) => {
        workloads.run('attacks/many-cgroups', [flooder.path, String(CGROUPS), '/bin/true'], {
          prefix: ['sh', '-c', `echo 0 >${flooder.procs} && exec "$0" "$@"`],
        })
        others = Array.from({ length: 20 }, () => makeCgroup())
        workloads.run('execs', [procs, String(EXECS)])
      }, SMALL_RING)
      assert.equal(records.filter(({ kind }) => kind === KIND.exec).length, EXECS)
      assert.deepEqual([session.dropped(KIND.exec), session.dropped(KIND.cgroupMkdir)], [0, 0])
      assert(session.budget(KIND.cgroupMkdir) > 0)
    } finally {
      for (const folder of [...others, flooder]) folder.remove()
    }
  })

  it('of two pods leave room for every exec of a third one below the same cgroup', () => {
    const folders: CgroupFolder[] = [makeCgroup()]
    try {
      for (const name of ['slice', 'slice/a', 'slice/b', 'slice/c']) folders.push(makeCgroup(folders[0]?.path, name))
      const [, , first, second, sibling] = folders.map(({ procs }) => procs)
      const { records, session } = unread(
        () => {
          for (const procs of [first, second])
            workloads.run('attacks/flood-execs', [procs ?? '', String(FLOODERS), String(POD_EXECS), '65536'])
          workloads.run('execs', [sibling ?? '', String(EXECS)])
        },
        POD_RING,
        folders.at(-1),
      )
      const own = (kind: number): number => records.filter((record) => record.kind === kind).length
      assert(session.budget(KIND.fork) > 0)
      assert.deepEqual([own(KIND.fork), own(KIND.exec), own(KIND.exit)], [EXECS, EXECS, EXECS + 1])
    } finally {
      for (const folder of folders.reverse()) folder.remove()
    }
  })

  it('are counted exactly, and hide no other call of the same process', () => {
    const { records } = unread((session, procs) => {
      const before = countsOf(session)
      workloads.run('attacks/flood-free-calls', [procs, String(FLOODERS), String(ROUNDS)])
      const after = countsOf(session)
      for (const kind of [KIND.call, KIND.prctl, KIND.mount, KIND.execRefused, KIND.connect]) {
        const made = (kind === KIND.call ? 2 * ROUNDS + 1 : ROUNDS) * FLOODERS
        const counted = after.emitted(kind) - before.emitted(kind) + after.budget(kind) - before.budget(kind)
        // Others make such calls, too: few.
        assert(counted >= made && counted < made + ROUNDS, `kind ${String(kind)}: ${String(counted)} of ${String(made)}`)
      }
    })
    const hidden = records.filter(({ syscall }) => syscall === CALL_NUMBERS.pidfd_open)
    assert.equal(hidden.length, FLOODERS)
  })

  it('of opens leave room for renames, though nobody reads the ring', () => {
    const { records, session } = unread((_session, procs) => {
      workloads.run('attacks/flood-opens', ['-', String(FLOODERS), String(OPENS)])
      const [first, second] = [join(workloads.folder, 'first'), join(workloads.folder, 'second')]
      workloads.run('file-moves', [procs, first, second, String(RENAMES)])
    })
    assert.equal(records.filter(({ kind }) => kind === KIND.rename).length, 2 * RENAMES)
    assert.equal(session.dropped(KIND.rename), 0)
    assert(session.dropped(KIND.open) > 0, 'the ring of opens is full')
  })

  it('of opens leave room for every open of others, though nobody reads the ring', () => {
    const { records, session } = unread((_session, procs) => {
      workloads.run('attacks/flood-opens', ['-', String(FLOODERS), String(OPENS)])
      workloads.run('open-storm', [procs, String(OWN_OPENS)])
    })
    assert(session.dropped(KIND.open) > 0)
    assert(records.filter(({ kind }) => kind === KIND.open).length >= OWN_OPENS)
  })

  it('of numbers that no table has are counted by number and ABI, and made up ones take no room from the others', function () {
    const cgroup = makeCgroup()
    const session = openSession()
    try {
      if (workloads.run('attacks/unknown-calls', [cgroup.procs, '2000']).status === NO_I386)
        skipBecause(this, 'this kernel has no i386 calls')
      const counters = unknownCallCounters(session.unknownCalls())
      assert.deepEqual(
        ['native.600', 'native.5000', 'compat32.600', 'x32.600'].map((call) => counters[`calls.unknown.${call}`]),
        [2, 1, 1, 1],
      )
      // Of 2,001 made up numbers, 1,024 have an entry.
      assert((counters['calls.unknown.others'] ?? 0) >= 977)
      assert(session.unknownCalls().length <= (UNKNOWN_CALLS + 1) * (UNKNOWN_CALL.bytes + 8))
    } finally {
      session.close()
      cgroup.remove()
    }
  })

  it('become an event that names the process, the kinds and the numbers, while a collector runs', async () => {
    const cgroup = makeCgroup()
    const running = await runLiveCollector()
    try {
      const flood = spawn(workloads.program('attacks/flood-free-calls'), [cgroup.procs, String(FLOODERS), String(ROUNDS)], {
        stdio: 'ignore',
      })
      await once(flood, 'exit')
      const drops = () =>
        running.reader.kernel.filter(({ type, droppedKinds }) => type === 'drop' && droppedKinds?.includes('call') === true)
      await waitFor('the event', () => drops().length > 0)
      const [drop] = drops()
      assert.equal(drop?.process.name, 'flood-free-call')
      assert.equal(drop.process.cgroupId, cgroup.id.toString())
      assert.equal(drop.syscall, 'UNKNOWN')
      assert((drop.refusedEvents ?? 0) > 0)
      assert((drop.processEvents ?? 0) > 0 && (drop.processEvents ?? 0) <= (drop.refusedEvents ?? 0) + (drop.droppedEvents ?? 0))
      assert((drop.intervalUs ?? 0) > 0)
    } finally {
      await running.stop()
      cgroup.remove()
    }
    const { ledger } = running.reader.host.at(-1) ?? assert.fail()
    assert(ledger.some(({ topic, kind, cpu, published }) => topic === 'kernel' && kind === 'drop' && cpu === -1 && published > 0))
  })
})

/** What flood-free-calls makes again, of its own cgroup. */
function repeatsIn(records: readonly KernelRecord[]): [prctl: number, mount: number] {
  const count = (kind: number): number => records.filter((record) => record.kind === kind).length
  return [count(KIND.prctl), count(KIND.mount)]
}
