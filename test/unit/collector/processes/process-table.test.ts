// The process table: the process of an event, also for late events, reused pids and lost records.
import assert from 'node:assert/strict'
import { HostPaths, NO_HOST } from '../../../../collector/mounts/host-paths.js'
import { EXE_HOST_MOUNTED, EXE_HOST_ROOT, EXE_INTERPRETED, EXE_KNOWN, EXE_LOWER_LAYER, TEXT } from '../../../../native/generated/layout.js'
import { ProcessTable, type ProcessTableOptions } from '../../../../collector/processes/process-table.js'
import type { ProcessImage } from '../../../../collector/processes/process-entry.js'
import type { ProcReader } from '../../../../collector/processes/proc-reader.js'
import { UNKNOWN_TEXTS } from '../../../../collector/processes/process-texts.js'
import { EventHeader } from '../../../../collector/ring-events/event-header.js'
import { ExecRecord, readFork } from '../../../../collector/ring-events/process-records.js'
import { TaskFacts } from '../../../../collector/ring-events/task-facts.js'
import {
  execRecord,
  exitRecord,
  forkRecord,
  openRecord,
  taskRecord,
  type ExecTexts,
  type FactsFields,
  type HeaderFields,
} from '../../../support/records/ring-records.js'

const SECOND = 1_000_000_000n

/** A table that the test fills with records. */
class Fed {
  readonly table: ProcessTable

  constructor(options: ProcessTableOptions = {}) {
    this.table = new ProcessTable(options)
  }

  exec(header: Partial<HeaderFields>, facts: Partial<FactsFields> = {}, texts: Partial<ExecTexts> = {}): ProcessImage {
    return this.#execLike(execRecord(header, facts, texts), 'exec')
  }
  seed(header: Partial<HeaderFields>, facts: Partial<FactsFields> = {}, texts: Partial<ExecTexts> = {}): ProcessImage {
    return this.#execLike(taskRecord(header, facts, texts), 'seed')
  }
  fork(header: Partial<HeaderFields>, facts: Partial<FactsFields> = {}): ProcessImage {
    const { bytes, view } = parse(forkRecord(header, facts))
    const read = readFork(bytes, view, 0, bytes.length, this.table.kept)
    assert(read !== null)
    return this.table.fork(headerOf(bytes, view), read)
  }
  exit(header: Partial<HeaderFields>): ProcessImage {
    const { bytes, view } = parse(exitRecord(header, 0))
    return this.table.exit(headerOf(bytes, view))
  }
  at(header: Partial<HeaderFields>): ProcessImage {
    const { bytes, view } = parse(openRecord(header))
    return this.table.at(headerOf(bytes, view))
  }

  #execLike(record: Buffer, how: 'exec' | 'seed'): ProcessImage {
    const { bytes, view } = parse(record)
    const exec = new ExecRecord()
    assert(exec.read(bytes, view, 0, bytes.length))
    return this.table[how](headerOf(bytes, view), exec, bytes, view)
  }
}

function parse(record: Buffer): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(record)
  return { bytes, view: new DataView(bytes.buffer) }
}

function headerOf(bytes: Uint8Array, view: DataView): EventHeader {
  const header = new EventHeader()
  assert(header.read(view, 0, bytes.length))
  return header
}

const nameOf = (image: ProcessImage): string => Buffer.from(image.facts.comms).toString('utf8', 0, image.facts.commEnd)

describe('process table', () => {
  it('treats the same pid with another start as another process', () => {
    const fed = new Fed()
    fed.exec({ pid: 7, startNs: SECOND }, { comm: 'first' })
    fed.exit({ pid: 7, startNs: SECOND, bootNs: 2n * SECOND })
    fed.fork({ pid: 7, startNs: 3n * SECOND, bootNs: 3n * SECOND }, { comm: 'second' })
    assert.equal(nameOf(fed.at({ pid: 7, startNs: 3n * SECOND })), 'second')
    assert.equal(nameOf(fed.at({ pid: 7, startNs: SECOND, bootNs: 2n * SECOND })), 'first', 'a late event of the first one')
    assert.equal(fed.at({ pid: 7, startNs: 3n * SECOND }).execCount, 0)
  })

  it('returns for a late event what its process ran at the time of the event', () => {
    const fed = new Fed()
    fed.fork({ pid: 7, startNs: SECOND, bootNs: SECOND }, { comm: 'sh' })
    fed.exec({ pid: 7, startNs: SECOND, bootNs: 3n * SECOND }, { comm: 'cat' })
    assert.equal(nameOf(fed.at({ pid: 7, startNs: SECOND, bootNs: 2n * SECOND })), 'sh')
    assert.equal(nameOf(fed.at({ pid: 7, startNs: SECOND, bootNs: 3n * SECOND })), 'cat')
    assert.equal(nameOf(fed.at({ pid: 7, startNs: SECOND, bootNs: 2n * SECOND })), 'sh', 'again after the newer one')
  })

  it('counts the execs of a process', () => {
    const fed = new Fed()
    fed.seed({ pid: 7, startNs: SECOND })
    assert.equal(fed.at({ pid: 7, startNs: SECOND }).execCount, 0)
    fed.exec({ pid: 7, startNs: SECOND })
    assert.equal(fed.exec({ pid: 7, startNs: SECOND }).execCount, 2)
  })

  it('uses the fork record of a process that the task iterator found first, already running another file', () => {
    const fed = new Fed()
    fed.seed({ pid: 7, startNs: SECOND, bootNs: 4n * SECOND }, { comm: 'after-exec' }, { args: ['after'] })
    const made = fed.fork({ pid: 7, startNs: SECOND, bootNs: 2n * SECOND }, { comm: 'as-made' })
    assert.deepEqual([nameOf(made), made.texts.argsEnd], ['as-made', 0])
    fed.exec({ pid: 7, startNs: SECOND, bootNs: 3n * SECOND }, { comm: 'after-exec' })
    assert.equal(nameOf(fed.at({ pid: 7, startNs: SECOND, bootNs: 2n * SECOND })), 'as-made')
    assert.equal(nameOf(fed.fork({ pid: 7, startNs: SECOND, bootNs: 2n * SECOND }, { comm: 'twice' })), 'after-exec')
    assert.deepEqual([fed.table.size, fed.at({ pid: 7, startNs: SECOND, bootNs: 9n * SECOND }).execCount], [1, 1])
  })

  describe('with CLONE_PARENT', () => {
    const parent = { parentPid: 5, parentStartNs: SECOND }
    const argsOf = ({ texts }: ProcessImage): string => Buffer.from(texts.bytes.subarray(0, texts.argsEnd)).toString()

    it('assigns a child the arguments of the forking process, and the ancestors of its parent', () => {
      const fed = new Fed()
      fed.exec({ pid: 5, startNs: SECOND, bootNs: SECOND }, { comm: 'bash' }, { args: ['bash'] })
      fed.exec({ pid: 6, startNs: SECOND, bootNs: SECOND }, { comm: 'bash', ...parent }, { args: ['bash', '-c', 'evil'] })
      const child = fed.fork({ pid: 7, startNs: 2n * SECOND, bootNs: 2n * SECOND }, { ...parent, makerPid: 6 })
      assert.equal(argsOf(child), 'bash\0-c\0evil\0')
      assert.deepEqual(
        child.lineage.ancestors.map(({ pid }) => pid),
        [5],
      )
    })

    it('finds the forking process even if its pid was reused', () => {
      const fed = new Fed()
      fed.exec({ pid: 6, startNs: SECOND, bootNs: SECOND }, parent, { args: ['maker'] })
      fed.seed({ pid: 6, startNs: 3n * SECOND, bootNs: 4n * SECOND }, {}, { args: ['later'] })
      const child = fed.fork({ pid: 7, startNs: 2n * SECOND, bootNs: 2n * SECOND }, { ...parent, makerPid: 6 })
      assert.equal(argsOf(child), 'maker\0')
    })
  })

  it('assigns a child the ancestors of its parent, parent first, up to the bound', () => {
    const fed = new Fed({ maxAncestors: 3 })
    fed.seed({ pid: 1, startNs: 1n * SECOND }, { comm: 'a1' })
    for (let pid = 2; pid <= 6; pid++) {
      fed.fork(
        { pid, startNs: BigInt(pid) * SECOND },
        { comm: `a${String(pid)}`, parentPid: pid - 1, parentStartNs: BigInt(pid - 1) * SECOND },
      )
    }
    const { ancestors } = fed.at({ pid: 6, startNs: 6n * SECOND, bootNs: 9n * SECOND }).lineage
    assert.deepEqual(
      ancestors.map(({ pid }) => pid),
      [5, 4, 3],
    )
  })

  it('assigns a child what is known of the executable as of the exec, wherever the fork happened', () => {
    const fed = new Fed()
    fed.exec({ pid: 5, startNs: SECOND }, { exeFlags: 0x1808 }, { filename: '/usr/bin/x' })
    const child = fed.fork({ pid: 6, startNs: 2n * SECOND }, { parentPid: 5, parentStartNs: SECOND, exeFlags: 8 })
    assert.equal(child.facts.exeFlags, 0x1808)
    const other = fed.fork({ pid: 7, startNs: 2n * SECOND }, { parentPid: 5, parentStartNs: SECOND, exeFlags: 8, exeInode: 99n })
    assert.equal(other.facts.exeFlags, 8, 'another file')
  })

  it('adds to what is known of an executable whether the overlay that it lies in is mounted on the host, and asks for no other file', () => {
    const asked: number[] = []
    const host = { ...NO_HOST, hasOverlay: (device: number) => asked.push(device) > 0 && device === 41 }
    const fed = new Fed({ locator: new HostPaths(host) })
    const flagsOf = (exeFlags: number, exeDevice: number): number => fed.exec({}, { exeFlags, exeDevice }).facts.exeFlags
    assert.equal(flagsOf(EXE_LOWER_LAYER | EXE_KNOWN, 41), EXE_LOWER_LAYER | EXE_KNOWN | EXE_HOST_MOUNTED)
    assert.equal(flagsOf(EXE_LOWER_LAYER | EXE_KNOWN, 42), EXE_LOWER_LAYER | EXE_KNOWN)
    for (const flags of [EXE_KNOWN, EXE_KNOWN | EXE_LOWER_LAYER | EXE_HOST_ROOT]) assert.equal(flagsOf(flags, 41), flags)
    assert.deepEqual(asked, [41, 42])
    const found = fed.seed({ pid: 9 }, { exeFlags: EXE_LOWER_LAYER, exeDevice: 41 })
    assert.equal(found.facts.exeFlags, EXE_LOWER_LAYER | EXE_HOST_MOUNTED)
  })

  it('takes what an exec without texts replaced for unknown, and not for what it was', () => {
    const fed = new Fed()
    fed.exec({ pid: 5, startNs: SECOND }, {}, { filename: '/usr/bin/apt', exePath: '/usr/bin/apt', args: ['apt'] })
    const textFlags = TEXT.shortened | TEXT.exePathTruncated | TEXT.cwdTruncated
    const bare = { args: [], argsTotal: 70_000, exePath: '/', cwd: '/', filename: '', textFlags }
    const { texts } = fed.exec({ pid: 5, startNs: SECOND }, { exeFlags: EXE_INTERPRETED | EXE_KNOWN }, bare)
    assert.deepEqual([texts.hasExePath, texts.hasCwd, texts.program, texts.streams, texts.bytes.length], [false, false, null, null, 0])
    assert(texts.isArgsTruncated)
  })

  it('knows the script that an interpreter was started for, also of its children', () => {
    const fed = new Fed()
    const script = fed.exec({ pid: 5, startNs: SECOND }, { exeFlags: EXE_INTERPRETED | EXE_KNOWN }, { filename: '/usr/bin/dnf' })
    const child = fed.fork({ pid: 6, startNs: 2n * SECOND }, { parentPid: 5, parentStartNs: SECOND })
    for (const { texts } of [script, child]) assert.equal(Buffer.from(texts.program ?? []).toString(), '/usr/bin/dnf')
    assert.equal(child.lineage.ancestors[0]?.exeFlags, EXE_INTERPRETED | EXE_KNOWN)
    assert.equal(Buffer.from(child.lineage.ancestors[0]?.program ?? []).toString(), '/usr/bin/dnf')
    assert.equal(fed.exec({ pid: 7, startNs: SECOND }, { exeFlags: EXE_KNOWN }, { filename: '/usr/bin/dnf' }).texts.program, null)
  })

  it('keeps the ancestors of a child as of its fork', () => {
    const fed = new Fed()
    fed.exec({ pid: 5, startNs: SECOND, bootNs: SECOND }, { comm: 'before' })
    fed.fork({ pid: 6, startNs: 2n * SECOND, bootNs: 2n * SECOND }, { parentPid: 5, parentStartNs: SECOND })
    fed.exec({ pid: 5, startNs: SECOND, bootNs: 3n * SECOND }, { comm: 'after' })
    fed.fork({ pid: 8, startNs: 4n * SECOND, bootNs: 4n * SECOND }, { parentPid: 5, parentStartNs: SECOND })
    const parentOf = (pid: number, start: bigint): string =>
      Buffer.from(fed.at({ pid, startNs: start, bootNs: 9n * SECOND }).lineage.ancestors[0]?.name ?? []).toString()
    assert.equal(parentOf(6, 2n * SECOND), 'before')
    assert.equal(parentOf(8, 4n * SECOND), 'after')
  })

  it('names an unknown parent as in the record of the child', () => {
    const fed = new Fed()
    const { ancestors } = fed.exec({ pid: 6 }, { parentPid: 5, parentStartNs: SECOND, parentComm: 'gone' }).lineage
    assert.deepEqual(
      ancestors.map(({ pid, startUs, name, exePath }) => [pid, startUs, Buffer.from(name).toString(), exePath]),
      [[5, 1_000_000, 'gone', null]],
    )
  })

  it("bounds the parent's arguments of a child", () => {
    const fed = new Fed({ parentArgsBytes: 8 })
    fed.exec({ pid: 5, startNs: SECOND }, {}, { args: ['0123', '456789'] })
    const child = fed.fork({ pid: 6, startNs: 2n * SECOND }, { parentPid: 5, parentStartNs: SECOND })
    assert.equal(Buffer.from(child.lineage.parentArgs).toString(), '0123\x00456')
  })

  it("survives seeded processes that are each other's parents", () => {
    const fed = new Fed()
    fed.seed({ pid: 5, startNs: SECOND }, { parentPid: 6, parentStartNs: SECOND })
    fed.seed({ pid: 6, startNs: SECOND }, { parentPid: 5, parentStartNs: SECOND })
    fed.seed({ pid: 7, startNs: SECOND }, { parentPid: 7, parentStartNs: SECOND })
    fed.table.relateSeeds()
    assert.equal(fed.at({ pid: 5, startNs: SECOND }).lineage.ancestors[0]?.pid, 6)
  })

  it('drops a process some time after its end, when no older event can arrive', () => {
    const fed = new Fed({ keepRetiredUs: 5_000_000 })
    fed.exec({ pid: 7, startNs: SECOND, bootNs: SECOND }, { comm: 'ended' })
    fed.exit({ pid: 7, startNs: SECOND, bootNs: 2n * SECOND })
    fed.exec({ pid: 8, startNs: SECOND, bootNs: SECOND })
    fed.exit({ pid: 8, startNs: SECOND, bootNs: 60n * SECOND })
    fed.table.handledUpTo(7_000_000)
    assert.equal(nameOf(fed.at({ pid: 7, startNs: SECOND })), 'ended')
    fed.table.handledUpTo(7_000_001)
    assert.equal(fed.table.size, 1)
    assert.equal(nameOf(fed.at({ pid: 7, startNs: SECOND })), '', 'nothing is known of it any more')
    assert.equal(fed.table.counters.fromEvent, 1)
  })

  it('evicts ended processes first when it is full, then the oldest, and counts both', () => {
    const fed = new Fed({ maxProcesses: 3 })
    for (const pid of [1, 2, 3]) fed.exec({ pid, startNs: SECOND })
    fed.exit({ pid: 2, startNs: SECOND })
    fed.exec({ pid: 4, startNs: SECOND })
    assert.deepEqual([fed.table.size, fed.table.counters.evictedExited, fed.table.counters.evictedLive], [3, 1, 0])
    fed.exec({ pid: 5, startNs: SECOND })
    assert.deepEqual([fed.table.size, fed.table.counters.evictedExited, fed.table.counters.evictedLive], [3, 1, 1])
  })

  it('stores a bounded number of ended processes, and counts those dropped early', () => {
    const fed = new Fed({ maxRetired: 10 })
    for (let pid = 1; pid <= 100; pid++) {
      fed.exec({ pid, startNs: SECOND })
      fed.exit({ pid, startNs: SECOND })
    }
    assert.deepEqual([fed.table.size, fed.table.retiredEarly], [10, 90])
  })

  it('treats a process whose pid was reused as ended, so that lost exits do not fill it', () => {
    const fed = new Fed({ maxRetired: 10 })
    for (let start = 1n; start <= 100n; start++) fed.exec({ pid: 7, startNs: start * SECOND, bootNs: 100n * SECOND })
    assert.equal(fed.table.size, 11)
  })

  describe('for a process without a record', () => {
    const fromProc: ProcReader = (pid) => {
      const facts = new TaskFacts()
      facts.comms = new Uint8Array(Buffer.from(`proc${String(pid)}`.padEnd(32, '\0')))
      return { facts, texts: UNKNOWN_TEXTS }
    }

    it('reads /proc once, and counts it', () => {
      const fed = new Fed({ readProc: fromProc })
      assert.equal(nameOf(fed.at({ pid: 70 })), 'proc70')
      fed.at({ pid: 70 })
      assert.equal(fed.table.counters.fromProc, 1)
    })

    it('uses the event when /proc has no such process', () => {
      const fed = new Fed({ readProc: () => null })
      const image = fed.at({ pid: 70, startNs: SECOND })
      assert.deepEqual([image.process.pid, image.process.startUs, image.process.origin], [70, 1_000_000, 'event'])
      assert.equal(fed.table.counters.fromEvent, 1)
    })

    it('limits the reads of /proc until the next refill', () => {
      const fed = new Fed({ readProc: fromProc, procReads: 2 })
      for (const pid of [70, 71, 72]) fed.at({ pid })
      assert.deepEqual([fed.table.counters.fromProc, fed.table.counters.fromEvent, fed.table.counters.procReadsRefused], [2, 1, 1])
      fed.table.refillProcReads()
      fed.at({ pid: 73 })
      assert.equal(fed.table.counters.fromProc, 3)
    })
  })

  it('counts events by topic: per running process, and in total', () => {
    const fed = new Fed()
    fed.exec({ pid: 10 })
    fed.exec({ pid: 11, startNs: 2n * SECOND })
    const header = (given: Partial<HeaderFields>): EventHeader => {
      const { bytes, view } = parse(openRecord(given))
      return headerOf(bytes, view)
    }
    fed.table.count(header({ pid: 10 }), 'file')
    fed.table.count(header({ pid: 10 }), 'file')
    fed.table.count(header({ pid: 10 }), 'network')
    fed.table.count(header({ pid: 11, startNs: 2n * SECOND }), 'process')
    // Another process with the pid, and one that the table does not know.
    fed.table.count(header({ pid: 10, startNs: 3n * SECOND }), 'file')
    fed.table.count(header({ pid: 99 }), 'kernel')
    assert.deepEqual(
      [...fed.table.eventCounts()],
      [
        { pid: 10, startUs: 1_000_000, events: { process: 0, file: 2, network: 1, kernel: 0 } },
        { pid: 11, startUs: 2_000_000, events: { process: 1, file: 0, network: 0, kernel: 0 } },
      ],
    )
    fed.exit({ pid: 10 })
    assert.deepEqual(
      [...fed.table.eventCounts()].map(({ pid }) => pid),
      [11],
    )
    assert.deepEqual(fed.table.total, { process: 1, file: 3, network: 1, kernel: 1 })
  })
})
