// The page of metrics of `collect` and of `run`, read over HTTP while live probes watch.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { metricsPage } from '../../support/system/metrics-page.js'
import { waitFor } from '../../support/wait-for.js'

describe('metrics of a watched host', () => {
  let folder = ''
  let eunomia: EunomiaProcess | undefined
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-metrics-'))
  })
  afterEach(async () => {
    await eunomia?.kill()
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  const start = (...args: string[]): EunomiaProcess =>
    (eunomia = new EunomiaProcess([...args, '--metrics-port', '0', '--docker-socket', join(folder, 'no.sock')], {
      EUNOMIA_STATE_FOLDER: join(folder, 'state'),
    }))

  for (const command of [
    ['collect', '--output', 'csv'],
    ['run', '--set', 'logLevel=info'],
  ]) {
    it(`${command[0] ?? ''} reports counts of events and the state of its parts`, async () => {
      const running = start(...command)
      const read = await metricsPage(running)
      await running.says(/"msg":"(collecting|watching)"/)
      // `run` publishes only what a rule may match.
      const execs = async (): Promise<number> => {
        const page = await read()
        const count = (outcome: string): number => page.get(`eunomia_events_${outcome}_total{topic="process",kind="exec"}`) ?? 0
        return count('published') + count('suppressed')
      }
      const before = await execs()
      for (let count = 0; count < 5; count++) spawnSync('/bin/true')
      await waitFor('five execs more', async () => (await execs()) >= before + 5)

      const page = await read()
      const probes = [...page].filter(([name]) => name.startsWith('eunomia_probe_attached'))
      assert.ok(probes.length > 0 && probes.every(([, value]) => value === 1), JSON.stringify(probes))
      assert.ok((page.get('eunomia_processes') ?? 0) >= 2, 'at least we and the collector')
      assert.equal(page.get('eunomia_containers'), 0)
      assert.ok((page.get('eunomia_runtime_outages_total{runtime="docker"}') ?? 0) >= 1, 'nothing listens at the socket')
      assert.ok(page.has('eunomia_publisher_buffered_bytes'))
      const lost = [...page].filter(([name, value]) => name.startsWith('eunomia_events_dropped_total') && value > 0)
      assert.deepEqual(lost, [])
      assert.ok(page.has('process_resident_memory_bytes'))
      assert.equal(await running.interrupt(), 0, running.stderr)
    })
  }
})
