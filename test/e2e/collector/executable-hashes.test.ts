// Hashes of executables over the real kernel: of short programs, of one that is in memory only, of a copy. Needs root.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FileHashes } from '../../../collector/executables/file-hashes.js'
import { runLiveCollector, type LiveCollector } from '../../support/load/live-collector.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { waitFor, waitForCount } from '../../support/wait-for.js'
import { makeCgroup, type CgroupFolder } from '../native/cgroup-folder.js'
import { Workloads } from '../native/workload.js'

const sha256Of = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('hashes of executables over the kernel', () => {
  let workloads: Workloads
  let cgroup: CgroupFolder
  let running: LiveCollector
  let hashes: FileHashes
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    workloads = new Workloads()
  })
  after(() => workloads?.close())
  beforeEach(async () => {
    cgroup = makeCgroup()
    hashes = new FileHashes()
    running = await runLiveCollector({}, { host: { hashes } })
  })
  afterEach(async () => {
    await running.stop()
    await hashes.close()
    cgroup.remove()
  })

  const execs = () => running.reader.process.filter(({ type, process }) => type === 'exec' && process.cgroupId === cgroup.id.toString())

  it('are in the event of the exec, also of a program that is gone, and only of the file that ran', async () => {
    const copy = join(workloads.folder, 'copy')
    copyFileSync('/bin/true', copy)
    // This blocks, so the programs are gone before their records are read.
    workloads.run('exec-self', [cgroup.procs, 'path', copy, 'true'])
    await waitForCount('the exec', () => execs().length, 1)
    assert.equal(execs()[0]?.process.exeSha256, sha256Of(copy))
  })

  it('are reported for a program that is in memory only', async () => {
    const child = spawn(workloads.program('exec-self'), [cgroup.procs, 'memfd', '/bin/sleep', 'sleep', '60'])
    await waitForCount('the exec', () => execs().length, 1)
    child.kill()
    await once(child, 'exit')
    const [exec] = execs()
    assert.equal(exec?.process.isExeMemfd, true)
    assert.equal(exec.process.exeSha256, sha256Of('/bin/sleep'))
  })

  it('are reported for what ran already, from the first event after the reading', async () => {
    await hashes.settled()
    const own = sha256Of(process.execPath)
    const facts = running.reader.process.find(({ type, process: { pid } }) => type === 'snapshot' && pid === process.pid)
    assert.equal(facts?.process.exePath, process.execPath)
    assert.equal(hashes.counters.otherFile, 0)
    const child = spawn(process.execPath, ['-e', '0'])
    await once(child, 'exit')
    const ran = () => running.reader.process.find(({ type, process: { pid } }) => type === 'exec' && pid === child.pid)
    await waitFor('the exec', () => ran() !== undefined)
    assert.equal(ran()?.process.exeSha256, own)
  })
})
