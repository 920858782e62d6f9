// A container's own processes and sessions into it, with a real Docker over the real kernel; and units of systemd by real cgroups. Needs root.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  CONTAINER_TRACKER_DEFAULTS,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../collector/containers/container-tracker.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../../../collector/containers/runtimes/docker-runtime.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { ProcessEvent } from '../../../../schemas/generated/types.js'
import { cgroup2MountPoint } from '../../../support/cgroup-watcher.js'
import { runLiveCollector, type LiveCollector } from '../../../support/load/live-collector.js'
import { useDocker } from '../../../support/services/docker.js'
import { waitFor } from '../../../support/wait-for.js'
import { Workloads } from '../../native/workload.js'

describe('how processes came into a container of a real Docker', () => {
  const docker = useDocker()
  const started: string[] = []
  let tracker: ContainerTracker | null = null
  let running: LiveCollector | null = null

  async function collect(): Promise<LiveCollector> {
    const runtime = new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath: docker().socketPath }, SILENT_LOGGER)
    tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, { runtimes: [runtime], onEvent: () => undefined, log: SILENT_LOGGER })
    return (running = await runLiveCollector({}, { containers: { index: tracker, onEvent: () => () => undefined, count: () => 0 } }))
  }

  async function run(options: readonly string[], script: string): Promise<string> {
    const id = await docker().runDetached(options, ['sh', '-c', script])
    started.push(id)
    return id
  }

  const inContainer = (id: string, name: string, type: ProcessEvent['type'] = 'exec'): ProcessEvent[] =>
    running?.reader.process.filter(
      ({ type: eventType, process }) =>
        eventType === type && (process.containerId ?? process.containerClaim) === id && process.args.includes(name),
    ) ?? []
  const entriesOf = (id: string, name: string, type?: ProcessEvent['type']) =>
    inContainer(id, name, type).map(({ process }) => process.containerEntry)

  afterEach(async () => {
    await running?.stop()
    await tracker?.stop('test')
    running = tracker = null
    if (started.length > 0) await docker().docker('rm', '-f', ...started.splice(0))
  })

  for (const [what, options] of [
    ['a pid namespace of its own', []],
    ['the pid namespace of the host', ['--pid=host']],
  ] as const) {
    it(`is own or exec in a container with ${what}`, async () => {
      await collect()
      const id = await run(options, 'sleep 1111 & sleep 2222')
      await waitFor('its own', () => inContainer(id, '2222').length > 0 && inContainer(id, '1111').length > 0)
      await docker().docker('exec', id, 'sh', '-c', 'sleep 0.0333; true')
      // An orphan of the session becomes a child of the first process; its entry does not change.
      await docker().docker('exec', id, 'sh', '-c', '(sh -c "sleep 0.2; sleep 0.0444") & true')
      await waitFor('the orphan', () => inContainer(id, '0.0444').length > 0)
      assert.deepEqual([...entriesOf(id, '1111'), ...entriesOf(id, '2222')], ['own', 'own'])
      assert.deepEqual([...entriesOf(id, '0.0333'), ...entriesOf(id, '0.0444')], ['exec', 'exec'])
      assert.deepEqual(
        inContainer(id, '0.0333').map(({ process }) => process.parentNamespacePid !== null),
        [true],
      )
    })
  }

  it('is known for processes that ran before the collector', async () => {
    const id = await run([], 'sleep 1111 & sleep 2222')
    await docker().docker('exec', '-d', id, 'sleep', '3333')
    await waitFor('the session', async () => (await docker().docker('top', id)).includes('3333'))
    await collect()
    await waitFor('the snapshot', () => inContainer(id, '3333', 'snapshot').length > 0)
    const entries = ['1111', '2222', '3333'].map((name) => entriesOf(id, name, 'snapshot'))
    assert.deepEqual(entries, [['own'], ['own'], ['exec']])
  })
})

describe('the unit of systemd of a process', () => {
  it('follows from the cgroup that it runs in', async () => {
    const workloads = new Workloads()
    const slice = join(cgroup2MountPoint(), 'system.slice')
    const folder = join(slice, `eunomia\\x2dtest-${String(process.pid)}.service`)
    mkdirSync(folder, { recursive: true })
    const tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, { runtimes: [], onEvent: () => undefined, log: SILENT_LOGGER })
    const running = await runLiveCollector({}, { containers: { index: tracker, onEvent: () => () => undefined, count: () => 0 } })
    try {
      workloads.run('exec-self', [join(folder, 'cgroup.procs'), 'path', '/bin/true', 'of-a-unit'])
      const exec = await waitFor('the exec', () =>
        running.reader.process.find(({ type, process: { args } }) => type === 'exec' && args[0] === 'of-a-unit'),
      )
      assert.equal(exec.process.systemdUnit, `eunomia\\x2dtest-${String(process.pid)}.service`)
      assert.deepEqual([exec.process.systemdUserUnit, exec.process.containerEntry], [null, null])
    } finally {
      await running.stop()
      await tracker.stop('test')
      rmdirSync(folder)
      if (readdirSync(slice, { withFileTypes: true }).every((entry) => !entry.isDirectory())) rmdirSync(slice)
      workloads.close()
    }
  })
})
