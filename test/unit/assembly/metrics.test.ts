// The collector's figures as Prometheus reads them.
import assert from 'node:assert/strict'
import { addCollectorMetrics } from '../../../assembly/metrics.js'
import type { CollectorFigures } from '../../../collector/collector-options.js'
import { Metrics } from '../../../infra/process/metrics.js'

const exec = { topic: 'process', kind: 'exec', droppedCollector: 0, droppedSpool: 0, spooled: 0, suppressed: 0, isInherited: false }
const FIGURES: CollectorFigures = {
  accounts: [
    { ...exec, cpu: 0, emitted: 10, published: 7, droppedRing: 2, inFlight: 1 },
    { ...exec, cpu: 1, emitted: 5, published: 3, droppedRing: 1, droppedCollector: 1, inFlight: 0 },
    { ...exec, topic: 'file', kind: 'open', cpu: 0, emitted: 9, published: 4, droppedRing: 0, suppressed: 5, inFlight: 0 },
    { ...exec, topic: 'file', kind: 'open', cpu: 1, emitted: 8, published: 1, droppedRing: 0, droppedSpool: 3, spooled: 4, inFlight: 4 },
  ],
  losses: [],
  probes: [
    { name: 'sched_process_exec', isAttached: true, error: null },
    { name: 'sys_exit', isAttached: false, error: 'not permitted' },
  ],
  processes: 120,
  containers: 3,
  counters: { 'publisher.bufferedBytes': 4096, 'publisher.retries': 2, 'containers.runtimes.docker.disconnects': 6, 'clock.steps': 1 },
}

async function linesOf(figures: CollectorFigures | null): Promise<string[]> {
  const metrics = new Metrics()
  addCollectorMetrics(metrics, () => figures)
  return (await metrics.text()).split('\n').filter((line) => line.startsWith('eunomia_') && !line.startsWith('eunomia_metrics'))
}

describe('metrics of the collector', () => {
  it('report the ledger by topic and kind over all CPUs, with the place of losses', async () => {
    const lines = await linesOf(FIGURES)
    for (const line of [
      'eunomia_events_emitted_total{topic="process",kind="exec"} 15',
      'eunomia_events_published_total{topic="process",kind="exec"} 10',
      'eunomia_events_dropped_total{topic="process",kind="exec",where="ring"} 3',
      'eunomia_events_dropped_total{topic="process",kind="exec",where="collector"} 1',
      'eunomia_events_dropped_total{topic="file",kind="open",where="spool"} 3',
      'eunomia_events_spooled{topic="file",kind="open"} 4',
      'eunomia_events_in_flight{topic="process",kind="exec"} 1',
      'eunomia_events_suppressed_total{topic="file",kind="open"} 5',
    ])
      assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`)
  })

  it('report probes, tables, publisher and outages of runtimes', async () => {
    const lines = await linesOf(FIGURES)
    for (const line of [
      'eunomia_probe_attached{probe="sched_process_exec"} 1',
      'eunomia_probe_attached{probe="sys_exit"} 0',
      'eunomia_processes 120',
      'eunomia_containers 3',
      'eunomia_publisher_buffered_bytes 4096',
      'eunomia_publisher_retries_total 2',
      'eunomia_runtime_outages_total{runtime="docker"} 6',
      'eunomia_collector_counter{counter="clock.steps"} 1',
    ])
      assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`)
  })

  it('report nothing, and no zeros, while there is no collector', async () => {
    assert.deepEqual(await linesOf(null), [])
  })
})
