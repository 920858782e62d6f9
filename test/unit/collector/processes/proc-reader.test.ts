// The /proc fallback, against the /proc of this machine and synthetic folders.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { procReader } from '../../../../collector/processes/proc-reader.js'

const TICK_US = 10_000

/** starttime of this process, field 22 of stat. */
function ownStartTicks(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
}

describe('reading a process from /proc', () => {
  let root: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'eunomia-proc-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  /** A process folder with a hostile name. */
  function makeProcess(name: string, cmdline: string): void {
    mkdirSync(join(root, '7'))
    writeFileSync(join(root, '7/stat'), `7 (${name}) S 5 6 4 34817 7 0 0 0 0 0 0 0 0 0 20 0 1 0 300 0 0\n`)
    writeFileSync(join(root, '7/cmdline'), cmdline)
    symlinkSync('/bin/x', join(root, '7/exe'))
    symlinkSync('/home', join(root, '7/cwd'))
  }

  it('returns arguments, executable, folder and parent of this process', () => {
    const found = procReader('/proc', 65_536)(process.pid, ownStartTicks() * TICK_US + 1234)
    assert(found !== null)
    const { bytes, argsEnd, exePathEnd } = found.texts
    assert.deepEqual(Buffer.from(bytes.subarray(0, argsEnd)), readFileSync('/proc/self/cmdline'))
    assert.equal(Buffer.from(bytes.subarray(argsEnd, exePathEnd)).toString(), process.execPath)
    assert.equal(Buffer.from(bytes.subarray(exePathEnd)).toString(), process.cwd())
    assert.equal(found.facts.parentPid, process.ppid)
  })

  it('returns null when the pid belongs to a process with another start', () => {
    assert.equal(procReader('/proc', 8192)(process.pid, (ownStartTicks() + 1) * TICK_US), null)
  })

  it('returns null for a process that has ended', () => {
    assert.equal(procReader(root, 8192)(12345, 0), null)
  })

  it('is not misled by brackets and blanks in a name', () => {
    makeProcess('a) R 1 1', 'a\0')
    const found = procReader(root, 8192)(7, 300 * TICK_US)
    assert.equal(Buffer.from(found?.facts.comms ?? []).toString('utf8', 0, found?.facts.commEnd), 'a) R 1 1')
    assert.deepEqual([found?.facts.parentPid, found?.facts.processGroupId, found?.facts.sessionId, found?.facts.tty], [5, 6, 4, 34_817])
  })

  it('cuts long arguments and marks it', () => {
    makeProcess('a', `${'x'.repeat(100)}\0`)
    const texts = procReader(root, 10)(7, 300 * TICK_US)?.texts
    assert.deepEqual([texts?.argsEnd, texts?.argsTotal, texts?.isArgsTruncated], [10, 11, true])
  })

  it('gives up arguments that a process does not let it read, marks them, and pauses for fifty times as long', () => {
    makeProcess('a', '')
    writeFileSync(join(root, '7/stat'), `7 (a) S 5 6 4 34817 7 ${'0 '.repeat(13)}300 ${'0 '.repeat(25)}1000 1234 0\n`)
    let [nowMs, reads] = [0, 0]
    const readArgs = (): 'blocked' => {
      nowMs += 50
      reads++
      return 'blocked'
    }
    const read = procReader(root, 8192, { readArgs, nowMs: () => nowMs })
    const found = read(7, 300 * TICK_US)
    assert.deepEqual(
      [found?.areArgsBlocked, found?.texts.argsEnd, found?.texts.argsTotal, found?.texts.isArgsTruncated],
      [true, 0, 234, true],
    )
    nowMs += 2499
    assert.equal(read(7, 300 * TICK_US)?.areArgsBlocked, true)
    assert.equal(reads, 1)
    nowMs += 1
    read(7, 300 * TICK_US)
    assert.equal(reads, 2)
  })
})
