// What a user may say about containers, with a real Docker and kernel: nothing about those of root, by a runtime or by names of cgroups. Needs root.
import assert from 'node:assert/strict'
import { chownSync } from 'node:fs'
import type { ContainerEventBody } from '../../../../collector/containers/container-index.js'
import {
  CONTAINER_TRACKER_DEFAULTS,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../collector/containers/container-tracker.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../../../collector/containers/runtimes/docker-runtime.js'
import { PODMAN_DEFAULTS, PodmanRuntime } from '../../../../collector/containers/runtimes/podman-runtime.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { runLiveCollector, type LiveCollector } from '../../../support/load/live-collector.js'
import { useDocker } from '../../../support/services/docker.js'
import { ScriptedHttpRuntime } from '../../../support/services/scripted-http-runtime.js'
import { waitFor } from '../../../support/wait-for.js'
import { makeCgroup, type CgroupFolder } from '../../native/cgroup-folder.js'
import { Workloads } from '../../native/workload.js'

const NOBODY = 65534

describe("a user's word about containers", () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let podman: ScriptedHttpRuntime
  let cgroup: CgroupFolder
  let events: ContainerEventBody[]
  let tracker: ContainerTracker | null = null
  let running: LiveCollector | null = null
  let id = ''

  beforeEach(async () => {
    events = []
    id = await docker().runDetached(['--name', 'payments'], ['sleep', '1000'])
    podman = new ScriptedHttpRuntime()
    podman.answer('/v4.0.0/libpod/containers/json', [{ Id: id }])
    const state = { Running: true, Pid: process.pid, ExitCode: 0, CgroupPath: `/docker/${id}` }
    podman.answer(`/v4.0.0/libpod/containers/${id}/json`, { Id: id, Name: 'backup', State: state, ImageName: 'b:1' })
    await podman.start()
    chownSync(podman.socketPath, NOBODY, NOBODY)
    cgroup = makeCgroup()
    for (const path of [cgroup.path, cgroup.procs]) chownSync(path, NOBODY, NOBODY)
  })
  afterEach(async () => {
    await running?.stop()
    await tracker?.stop('test')
    running = tracker = null
    await podman.remove()
    cgroup.remove()
    await docker().docker('rm', '-f', id)
  })
  after(() => workloads.close())

  async function start(): Promise<ContainerTracker> {
    const runtimes = [
      new PodmanRuntime({ ...PODMAN_DEFAULTS, socketPath: podman.socketPath }, SILENT_LOGGER),
      new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath: docker().socketPath }, SILENT_LOGGER),
    ]
    const onEvent = (body: ContainerEventBody): unknown => events.push(body)
    return (tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, { runtimes, onEvent, log: SILENT_LOGGER }))
  }

  it('does not rename a container of Docker, whoever answers first', async () => {
    const { nameOf } = await start().then((started) => ({ nameOf: () => started.nameOf(id) }))
    await waitFor('the name', () => nameOf() !== null && podman.asked.length > 0)
    assert.equal(nameOf(), 'payments')
    assert.deepEqual([...new Set(events.flatMap(({ facts }) => facts?.name ?? []))], ['payments'])
  })

  it('makes no container of a cgroup that the user named like one, and the event says whose name it is', async () => {
    const index = await start()
    running = await runLiveCollector({}, { containers: { index, onEvent: () => () => undefined, count: () => 0 } })
    const claims = [id, 'f0'.repeat(32)]
    for (const claim of claims) workloads.run('attacks/named-cgroup', [cgroup.path, claim, '/bin/true'])
    const execs = await waitFor('the execs', () => {
      const found = running?.reader.process.filter(({ type, process: { args } }) => type === 'exec' && args[0] === 'named-program') ?? []
      return found.length === claims.length ? found : undefined
    })
    assert.deepEqual(
      execs.map(({ process }) => [process.containerId, process.containerClaim, process.claimUid, process.isContainerUnknown]),
      claims.map((claim) => [null, claim, NOBODY, false]),
    )
  })
})
