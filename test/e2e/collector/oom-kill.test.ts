// A process that the kernel kills for want of memory: the event names it. Needs root and a controller of memory.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runLiveCollector } from '../../support/load/live-collector.js'
import { skipBecause } from '../../support/runner/skip-because.js'

/** Where a controller of memory may be, and how its limit is called there. */
const CONTROLLERS = [
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { root: '/sys/fs/cgroup', limit: 'memory.max' },
]
const LIMIT_BYTES = 16 << 20
const SIGKILL = 9

describe('a process that the OOM killer ends', () => {
  it('is the target of an event, and its end by a signal is reported', async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    const folderOf = (root: string): string => join(root, `eunomia-oom-${String(process.pid)}`)
    const controller = CONTROLLERS.find(({ root, limit }) => existsSync(root) && hasFile(folderOf(root), limit))
    if (controller === undefined) skipBecause(this, 'needs a controller of memory')
    const folder = folderOf(controller.root)
    mkdirSync(folder)
    const running = await runLiveCollector()
    try {
      writeFileSync(join(folder, controller.limit), String(LIMIT_BYTES))
      // tail keeps the last line, and /dev/zero has no end of one.
      const end = spawnSync('sh', ['-c', 'echo $$ > "$1/cgroup.procs"; exec tail /dev/zero', 'sh', folder])
      assert.equal(end.signal, 'SIGKILL')
      await running.stop()
      const kills = running.reader.kernel.filter(({ type, targetPid }) => type === 'oom_kill' && targetPid === end.pid)
      assert.deepEqual(
        kills.map(({ targetName, syscall, arguments: given }) => [targetName, syscall, given]),
        [['tail', 'UNKNOWN', null]],
      )
      const exit = running.reader.process.find(({ type, process: { pid } }) => type === 'exit' && pid === end.pid)
      assert.equal(exit?.exitSignal, SIGKILL)
    } finally {
      await running.stop()
      rmdirSync(folder)
    }
  })
})

/** Whether a cgroup made here has the file. */
function hasFile(folder: string, name: string): boolean {
  try {
    mkdirSync(folder)
  } catch {
    return false
  }
  const has = existsSync(join(folder, name))
  rmdirSync(folder)
  return has
}
