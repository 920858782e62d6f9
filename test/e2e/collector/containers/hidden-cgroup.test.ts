// A process that hides its cgroup: behind more cgroups than are stored, in a real container and kernel. Its container stays known. Needs root.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  CONTAINER_TRACKER_DEFAULTS,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../collector/containers/container-tracker.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../../../collector/containers/runtimes/docker-runtime.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { Process } from '../../../../schemas/generated/types.js'
import { cgroup2MountPoint } from '../../../support/cgroup-watcher.js'
import { runLiveCollector, type LiveCollector } from '../../../support/load/live-collector.js'
import { useDocker } from '../../../support/services/docker.js'
import { waitFor } from '../../../support/wait-for.js'
import { Workloads } from '../../native/workload.js'

describe('a process that hides its cgroup', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let tracker: ContainerTracker | undefined
  let running: LiveCollector | undefined
  let id = ''

  beforeEach(async () => {
    id = await docker().runDetached([], ['sleep', '1000'])
  })
  afterEach(async () => {
    await docker().docker('rm', '-f', id)
    await running?.stop()
    await tracker?.stop('test')
  })
  after(() => workloads.close())

  /** What the program that runs in the hidden cgroup is reported with. */
  async function hide(maxCgroups: number, count: number): Promise<Process> {
    const runtime = new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath: docker().socketPath }, SILENT_LOGGER)
    const deps = { runtimes: [runtime], onEvent: () => undefined, log: SILENT_LOGGER }
    const started = (tracker = await startContainerTracker({ ...CONTAINER_TRACKER_DEFAULTS, maxCgroups }, deps))
    const live = (running = await runLiveCollector({}, { containers: { index: started, onEvent: () => () => undefined, count: () => 0 } }))
    // Next to the collector, which must be able to read meanwhile.
    await promisify(execFile)(workloads.program('attacks/many-cgroups'), [
      join(cgroup2MountPoint(), 'docker', id),
      String(count),
      '/bin/true',
    ])
    const exec = await waitFor('the exec', () =>
      live.reader.process.find(({ type, process: { args } }) => type === 'exec' && args[0] === 'hidden-program'),
    )
    return exec.process
  }

  it('is in its container although the bound of stored cgroups was reached before', async () => {
    const hidden = await hide(1000, 1100)
    assert.deepEqual(
      [hidden.containerId, hidden.containerClaim, hidden.isContainerUnknown, hidden.cgroupPath],
      [id, id, false, `/docker/${id}/hidden`],
    )
    assert.notEqual(tracker?.counters().cgroups.refused ?? 0, 0)
  })
})
