// Reads and writes of files counted in the running kernel: exact, with paths, and with a full table. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FILE_TRACKER } from '../../../../collector/usage/readers/file-usage.js'
import type { UsageBody } from '../../../../collector/usage/usage-aggregate.js'
import type { UsageTables } from '../../../../native/addon.js'
import { openUsageTables } from '../../../../native/usage-tables.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { usageRound } from '../../../support/usage/usage-round.js'
import { makeCgroup, type CgroupFolder } from '../../native/cgroup-folder.js'
import { Workloads } from '../../native/workload.js'

/** super_block.s_dev from the device that stat() returns: MKDEV() of the kernel, makedev() of the C library. */
function kernelDevice(dev: number): number {
  const number = BigInt(dev)
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n)
  const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n)
  return Number((major << 20n) | minor)
}

describe('usage of files in the kernel', () => {
  const workloads = new Workloads()
  let folder = ''
  let tables: UsageTables | undefined
  let cgroup: CgroupFolder | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
  })
  beforeEach(() => {
    cgroup = makeCgroup()
    folder = mkdtempSync(join(tmpdir(), 'eunomia-file-usage-'))
    writeFileSync(join(folder, 'read'), 'x'.repeat(53 * 5))
  })
  afterEach(() => {
    tables?.close()
    cgroup?.remove()
    rmSync(folder, { recursive: true, force: true })
  })
  after(() => workloads.close())

  const run = async (maxEntries: number, where = folder, files = 0): Promise<readonly UsageBody[]> => {
    const { procs } = cgroup ?? assert.fail()
    tables = openUsageTables('files', { entries: FILE_TRACKER.entries(maxEntries), ignoredPid: process.pid })
    tables.attach()
    workloads.run('file-traffic', [procs, where, String(files)])
    const reading = await tables.turn()
    return FILE_TRACKER.reader().read({ ...usageRound({}), reading, top: 100_000 }).records
  }
  const ours = (records: readonly UsageBody[]): readonly UsageBody[] => records.filter(({ cgroupId }) => cgroupId === String(cgroup?.id))
  const fileNamed = (records: readonly UsageBody[], path: string): UsageBody['file'] =>
    ours(records).find(({ file }) => file?.path === path)?.file ?? null

  it('is exact for each file, with every call that reads or writes, and counts only successful calls', async () => {
    const records = await run(16_384)
    const read = join(folder, 'read')
    const written = join(folder, 'written')
    const { ino, dev } = statSync(written)
    assert.deepEqual(fileNamed(records, written), {
      ...{ path: written, isPathTruncated: false, inode: String(ino), device: kernelDevice(dev) },
      ...{ reads: 0, writes: 102, bytesRead: 0, bytesWritten: 101 * 7 + 11 },
    })
    const { reads, writes, bytesRead, bytesWritten } = fileNamed(records, read) ?? assert.fail()
    assert.deepEqual({ reads, writes, bytesRead, bytesWritten }, { reads: 58, writes: 0, bytesRead: 53 * 5 + 6 + 11, bytesWritten: 0 })
    assert.ok(ours(records).every(({ process }) => process?.name === 'file-traffic'))
  })

  it('cuts the beginning of a path that is too long, and marks it', async () => {
    const deep = join(folder, ...Array.from({ length: 4 }, () => 'd'.repeat(200)))
    mkdirSync(deep, { recursive: true })
    writeFileSync(join(deep, 'read'), 'x'.repeat(53 * 5))
    const file = ours(await run(16_384, deep)).find((record) => record.file?.path?.endsWith('/written') === true)?.file
    assert.equal(file?.isPathTruncated, true)
    assert.ok(join(deep, 'written').endsWith(file.path ?? '-'))
  })

  it('counts entries that find no room in the table', async () => {
    const records = await run(64, folder, 307)
    const reported = records.filter(({ scope }) => scope === 'process')
    assert.equal(reported.length, 64, 'no more entries than the bound')
    const overflow = records.find(({ scope }) => scope === 'overflow')?.file
    const written = ours(reported).filter(({ file }) => file?.writes === 1).length
    assert.ok((overflow?.writes ?? 0) + written >= 307, 'each file is reported or counted')
    assert.ok((overflow?.bytesWritten ?? 0) > 0)
  })
})
