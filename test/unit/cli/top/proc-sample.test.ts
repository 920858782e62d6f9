// Processes of an artificial /proc: whatever it contains, a process is read correctly or not at all.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLineOf, sampleProcesses } from '../../../../cli/top/proc-sample.js'

describe('a look at /proc', () => {
  let root = ''
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'eunomia-proc-'))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  /** utime, stime, starttime and rss are fields 14, 15, 22 and 24 of proc_pid_stat(5). */
  function put(pid: number, name: string, fields: { utime: number; stime: number; start: number; rss: number }, cmdline = ''): void {
    const { utime, stime, start, rss } = fields
    const rest = ['S', 1, 1, 1, 0, -1, 0, 0, 0, 0, 0, utime, stime, 0, 0, 20, 0, 1, 0, start, 1000, rss, 0]
    mkdirSync(join(root, String(pid)))
    writeFileSync(join(root, String(pid), 'stat'), `${String(pid)} (${name}) ${rest.join(' ')}\n`)
    writeFileSync(join(root, String(pid), 'cmdline'), cmdline)
  }

  it('returns CPU time, start and memory in pages of this machine', () => {
    const auxv = Buffer.alloc(32)
    auxv.writeBigUInt64LE(6n, 0)
    auxv.writeBigUInt64LE(65_536n, 8)
    mkdirSync(join(root, 'self'))
    writeFileSync(join(root, 'self/auxv'), auxv)
    put(42, 'nginx', { utime: 30, stime: 12, start: 777, rss: 3 })
    const { processes, leftOut } = sampleProcesses(root)
    assert.deepEqual([...processes.values()], [{ pid: 42, startTicks: 777, name: 'nginx', cpuTicks: 42, rssBytes: 196_608 }])
    assert.equal(leftOut, 0)
  })

  it('is not misled by a name that looks like fields', () => {
    put(7, 'x) S 9 9 9 (y', { utime: 1, stime: 2, start: 5, rss: 1 })
    const process = sampleProcesses(root).processes.get(7)
    assert.deepEqual([process?.name, process?.cpuTicks, process?.startTicks, process?.rssBytes], ['x) S 9 9 9 (y', 3, 5, 4096])
  })

  it('leaves out what is no process, what is gone and what is cut', () => {
    mkdirSync(join(root, '99'))
    mkdirSync(join(root, '98'))
    writeFileSync(join(root, '98/stat'), '98 (cut')
    mkdirSync(join(root, '97'))
    writeFileSync(join(root, '97/stat'), '97 (short) S 1 2')
    mkdirSync(join(root, '0123'))
    mkdirSync(join(root, 'sys'))
    assert.equal(sampleProcesses(root).processes.size, 0)
  })

  it('counts what is beyond its bound', () => {
    for (let pid = 1; pid <= 5; pid++) put(pid, 'p', { utime: 0, stime: 0, start: pid, rss: 0 })
    const { processes, leftOut } = sampleProcesses(root, 3)
    assert.deepEqual([processes.size, leftOut], [3, 2])
  })

  it('returns arguments up to a limit, and none for a kernel thread', () => {
    const fields = { utime: 0, stime: 0, start: 1, rss: 0 }
    put(1, 'sh', fields, 'sh\0-c\0echo a\0')
    put(2, 'kthreadd', fields)
    const lineOf = (pid: number, maxBytes?: number): string | null => commandLineOf(pid, root, maxBytes, 60_000)
    assert.equal(lineOf(1), 'sh -c echo a')
    assert.equal(lineOf(1, 5), 'sh -c')
    assert.equal(lineOf(2), null)
    assert.equal(lineOf(3), null)
  })
})
