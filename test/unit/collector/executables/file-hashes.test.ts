// Hashes of executables: the right file or none, each read once, and never more than the bounds allow.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ByteBudget, FileHashes, type FileHashLimits } from '../../../../collector/executables/file-hashes.js'
import { NO_LEADERS, Lineage } from '../../../../collector/processes/lineage.js'
import { ProcessEntry, ProcessImage } from '../../../../collector/processes/process-entry.js'
import { textsOf } from '../../../../collector/processes/process-texts.js'
import { EXE_LOCAL } from '../../../../native/generated/layout.js'
import { TaskFacts } from '../../../../collector/ring-events/task-facts.js'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const openDescriptors = (): number => readdirSync('/proc/self/fd').length

describe('hashes of executables', () => {
  let folder = ''
  let nowMs = 0
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-hashes-'))
    nowMs = 0
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** Process `pid` runs a file with this content. @returns the facts of its exec record */
  function run(pid: number, content: string, name = `program-${String(pid)}`): ProcessImage {
    writeFileSync(join(folder, name), content)
    mkdirSync(join(folder, String(pid)), { recursive: true })
    symlinkSync(join(folder, name), join(folder, String(pid), 'exe'))
    return imageOf(pid, factsOf(name), null)
  }

  function imageOf(pid: number, facts: TaskFacts, exePath: string | null): ProcessImage {
    const texts = textsOf(new Uint8Array(0), 0, exePath === null ? null : Buffer.from(exePath), null)
    const lineage = new Lineage([], new Uint8Array(0))
    return new ProcessImage(new ProcessEntry(pid, 1, 'exec'), 1, { facts, texts, lineage, leaders: NO_LEADERS, execCount: 1 })
  }

  function factsOf(name: string): TaskFacts {
    const { ino, dev, ctimeNs } = statSync(join(folder, name), { bigint: true })
    const facts = new TaskFacts()
    facts.exeInodeLow = Number(ino & 0xffffffffn)
    facts.exeInodeHigh = Number(ino >> 32n)
    facts.exeDevice = Number((((dev >> 8n) & 0xfffn) << 20n) | (dev & 0xffn) | ((dev >> 12n) & 0xfff00n))
    facts.exeCtimeUs = Number(ctimeNs / 1000n)
    facts.exeFlags = EXE_LOCAL
    return facts
  }

  const hashesWith = (limits: FileHashLimits = {}, perSecond = 1 << 20): FileHashes =>
    new FileHashes({ ...limits, procFolder: folder }, new ByteBudget(perSecond, () => nowMs))

  it('are available for the event of the exec itself, and computed once per file', () => {
    const hashes = hashesWith()
    const image = run(7, 'one')
    assert.equal(hashes.of(image.facts), null)
    hashes.executed(image)
    assert.equal(hashes.of(image.facts), sha256('one'))
    rmSync(join(folder, '7'), { recursive: true })
    hashes.executed(image)
    assert.equal(hashes.counters.atExec, 1)
    assert.equal(hashes.counters.gone, 0, 'a known file is not opened')
  })

  for (const [what, change, counter] of [
    ['another file of the process', (facts: TaskFacts) => (facts.exeInodeLow += 1), 'otherFile'],
    ['a file of another device', (facts: TaskFacts) => (facts.exeDevice += 1), 'otherFile'],
    ['a file that has changed since', (facts: TaskFacts) => (facts.exeCtimeUs -= 1), 'otherFile'],
    ['a process that has ended', () => rmSync(join(folder, '7'), { recursive: true }), 'gone'],
    ['a file system that a process may answer for', (facts: TaskFacts) => (facts.exeFlags = 0), 'notLocal'],
  ] as const) {
    it(`are not computed for ${what}, which is counted`, () => {
      const hashes = hashesWith()
      const before = openDescriptors()
      const image = run(7, 'one')
      change(image.facts)
      hashes.executed(image)
      assert.equal(hashes.of(image.facts), null)
      assert.equal(hashes.counters[counter], 1)
      assert.equal(openDescriptors(), before)
    })
  }

  it('of an ended process are computed by path, in the root of its parent or of the host', () => {
    for (const [place, exePath] of [
      ['5/root/opt/program', '/opt/program'],
      ['opt/program', join(folder, 'opt/program')],
    ] as const) {
      const hashes = hashesWith()
      mkdirSync(join(folder, place, '..'), { recursive: true })
      writeFileSync(join(folder, place), place)
      const facts = factsOf(place)
      facts.parentPid = 5
      hashes.executed(imageOf(7, facts, exePath))
      assert.equal(hashes.of(facts), sha256(place))
    }
  })

  it('are not computed from another file, a link to it, or a named pipe at the path', () => {
    const before = openDescriptors()
    for (const make of [
      (path: string) => writeFileSync(path, 'another'),
      (path: string) => symlinkSync(join(folder, 'moved'), path),
      (path: string) => execFileSync('mkfifo', [path]),
    ]) {
      const hashes = hashesWith()
      const path = join(folder, 'program')
      writeFileSync(join(folder, 'moved'), 'the program')
      make(path)
      hashes.executed(imageOf(7, factsOf('moved'), path))
      assert.deepEqual([hashes.counters.otherFile, hashes.of(factsOf('moved'))], [1, null])
      rmSync(path)
    }
    assert.equal(openDescriptors(), before)
  })

  it('do not block on a named pipe in place of the file', () => {
    const hashes = hashesWith()
    mkdirSync(join(folder, '7'))
    execFileSync('mkfifo', [join(folder, '7/exe')])
    hashes.executed(imageOf(7, factsOf('7/exe'), null))
    assert.equal(hashes.counters.otherFile, 1)
  })

  it('follow after the event if a file exceeds the batch limit, even if its process has ended', async () => {
    const hashes = hashesWith({ bytesPerBatch: 4 })
    const [short, long] = [run(7, 'one'), run(8, 'a longer one')]
    const { generation } = hashes
    hashes.executed(long)
    rmSync(join(folder, '8'), { recursive: true })
    assert.equal(hashes.of(long.facts), null)
    hashes.executed(short)
    assert.equal(hashes.of(short.facts), sha256('one'))
    await hashes.settled()
    assert.equal(hashes.of(long.facts), sha256('a longer one'))
    assert.notEqual(hashes.generation, generation)
    assert.deepEqual([hashes.counters.atExec, hashes.counters.behind], [1, 1])
  })

  it('of several files of one batch respect the batch limit', async () => {
    const hashes = hashesWith({ bytesPerBatch: 4 })
    const [first, second] = [run(7, 'one'), run(8, 'two')]
    hashes.executed(first)
    hashes.executed(second)
    assert.deepEqual([hashes.of(first.facts), hashes.of(second.facts)], [sha256('one'), null])
    await hashes.settled()
    hashes.beginBatch()
    const third = run(9, 'six')
    hashes.executed(third)
    assert.equal(hashes.of(third.facts), sha256('six'))
  })

  it('are not computed for files that are too long, which are opened once', () => {
    const hashes = hashesWith({ maxFileBytes: 3 })
    const image = run(7, 'long')
    hashes.executed(image)
    hashes.executed(image)
    assert.equal(hashes.of(image.facts), null)
    assert.equal(hashes.counters.tooLong, 1)
  })

  it('use no more descriptors than files may wait, and none after close', async () => {
    const before = openDescriptors()
    const hashes = hashesWith({ bytesPerBatch: 0, maxWaiting: 2 }, 1)
    for (const pid of [1, 2, 3]) hashes.executed(run(pid, `program ${String(pid)}`))
    assert.equal(hashes.counters.notWaiting, 1)
    assert.equal(openDescriptors(), before + 2)
    await hashes.close()
    assert.equal(openDescriptors(), before)
  })

  it('are cached up to a bound, most recently used ones first', () => {
    const hashes = hashesWith({ maxEntries: 2 })
    const [a, b, c] = [run(1, 'a'), run(2, 'b'), run(3, 'c')]
    hashes.executed(a)
    hashes.executed(b)
    hashes.executed(a)
    hashes.executed(c)
    assert.deepEqual([hashes.of(a.facts), hashes.of(b.facts), hashes.of(c.facts)], [sha256('a'), null, sha256('c')])
    assert.equal(hashes.counters.evicted, 1)
  })

  it('are computed for processes that already ran, once per file', async () => {
    const hashes = hashesWith()
    const image = run(7, 'one')
    hashes.running(image)
    hashes.running(imageOf(8, image.facts, null))
    await hashes.settled()
    assert.equal(hashes.of(image.facts), sha256('one'))
    assert.equal(hashes.counters.behind, 1)
  })

  it('treat a file as another one when its content was replaced by a copy', () => {
    const hashes = hashesWith()
    const image = run(7, 'one')
    writeFileSync(join(folder, 'other'), 'two')
    rmSync(join(folder, 'program-7'))
    copyFileSync(join(folder, 'other'), join(folder, 'program-7'))
    hashes.executed(image)
    assert.equal(hashes.of(image.facts), null)
  })
})

describe('a budget of bytes', () => {
  it('grants the bytes of one second, and refills over time', () => {
    let nowMs = 0
    const budget = new ByteBudget(1000, () => nowMs)
    assert.equal(budget.take(1000), true)
    assert.equal(budget.take(1), false)
    assert.equal(budget.waitMs(500), 500)
    assert.equal(budget.waitMs(9999), 1000, 'more than those of a second never come')
    nowMs = 500
    assert.deepEqual([budget.take(501), budget.take(500)], [false, true])
    nowMs = 60_000
    assert.deepEqual([budget.take(1001), budget.take(1000)], [false, true])
  })
})
