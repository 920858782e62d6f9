// `eunomia collect` to a real broker while processes and cgroups come and go, for an hour in a full run: what is bounded does not grow, and nothing
// is lost. A full run prints memory and CPU of each sample. Needs root.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { makeCgroup } from '../../e2e/native/cgroup-folder.js'
import { Workloads } from '../../e2e/native/workload.js'
import { dose, isFullRun } from '../../support/runner/dose.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { droppedOf } from '../../support/system/event-ledger.js'
import { cpuNsOf, memoryOf } from '../../support/system/process-cost.js'
import { TestSystem } from '../../support/system/test-system.js'

/** Execs in each cgroup, and as many files that are opened and removed. */
const EXECS = 20
const PAUSE_US = 2_000
const SAMPLES = 12
const SAMPLE_MS = dose(2_000, 300_000)
/** Samples before memory is compared: caches fill, code is compiled. */
const WARM_SAMPLES = SAMPLES / 3
/** How much more than after the warm-up the last sample may have: noise of the collection of garbage. */
const GROWTH = 1.25

describe('a collector while processes and cgroups come and go', () => {
  const workloads = new Workloads()
  let system: TestSystem | undefined
  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    system = new TestSystem({ kafka: await freshKafkaTopics(), redisUrl: 'redis://127.0.0.1:1', rules: '' })
  })
  after(async () => {
    await system?.close()
    workloads.close()
  })

  async function liveOnce(): Promise<void> {
    const cgroup = makeCgroup()
    const args = [cgroup.procs, workloads.folder, String(EXECS), '1', String(PAUSE_US)]
    const load = spawn(workloads.program('steady-load'), args, { stdio: 'ignore' })
    await once(load, 'exit')
    cgroup.remove()
  }

  it('does not grow and loses nothing', async () => {
    assert(system !== undefined)
    const collector = await system.collect('--docker-socket', `${system.folder}/no.sock`)
    const residentMiB: number[] = []
    let cgroups = 0
    for (let sample = 0; sample < SAMPLES; sample++) {
      const startedMs = performance.now()
      const before = cpuNsOf(collector.pid)
      while (performance.now() - startedMs < SAMPLE_MS) {
        await liveOnce()
        cgroups++
      }
      const memory = memoryOf(collector.pid)
      residentMiB.push(memory.residentMiB)
      const corePercent = Math.round((cpuNsOf(collector.pid) - before) / (performance.now() - startedMs) / 1e3) / 10
      if (isFullRun()) console.log(`    ${JSON.stringify({ sample, cgroups, execs: cgroups * EXECS, corePercent, ...memory })}`)
    }
    assert.equal(await collector.end('SIGTERM'), 0, collector.stderr)
    const warm = Math.max(...residentMiB.slice(0, WARM_SAMPLES))
    if (isFullRun()) assert((residentMiB.at(-1) ?? Infinity) <= warm * GROWTH, `resident: ${residentMiB.join(', ')}`)

    const last = (await system.records(['host'])).host.at(-1)
    assert.ok(last?.isLast === true)
    const execs = last.ledger.filter(({ kind }) => kind === 'exec')
    assert(execs.reduce((sum, { published }) => sum + published, 0) >= cgroups * EXECS)
    assert.equal(
      execs.reduce((sum, entry) => sum + droppedOf(entry), 0),
      0,
    )
  })
})
