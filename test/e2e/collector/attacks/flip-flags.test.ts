// Flags that another thread changes after the call: what was opened for writing is reported so, every time. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { eventsOfWorkload } from '../../../support/load/watched-workload.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { Workloads } from '../../native/workload.js'

const FILES = 500
const O_CREAT = 0o100

describe('flags of openat2 that change in memory', () => {
  const workloads = new Workloads()
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
  })
  after(() => workloads.close())

  it('are those of the open file', async () => {
    const folder = join(workloads.folder, 'flipped')
    mkdirSync(folder)
    const { lines, file } = await eventsOfWorkload(workloads, 'attacks/flip-flags', [folder, String(FILES)])
    assert.deepEqual(lines, [String(FILES)])
    const opens = file.filter(({ syscall, result }) => syscall === 'openat2' && result >= 0)
    const written = opens.filter(({ path, isCreated }) => isCreated && path?.startsWith(folder) === true)
    assert.equal(written.length, FILES)
    for (const open of written) {
      assert.deepEqual([open.isWrite, open.isRead, open.isCreate, open.flagsSource], [true, false, true, 'kernel'])
      assert.equal(open.flags & O_CREAT, O_CREAT)
    }
  })
})
