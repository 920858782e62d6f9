// The tracker with a real podman: what runs before, what starts and ends, want of memory, a service that restarts.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerEventBody } from '../../../../../collector/containers/container-index.js'
import {
  CONTAINER_TRACKER_DEFAULTS,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../../collector/containers/container-tracker.js'
import { PODMAN_DEFAULTS, PodmanRuntime } from '../../../../../collector/containers/runtimes/podman-runtime.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { cgroup2MountPoint } from '../../../../support/cgroup-watcher.js'
import { startTestPodman, type TestPodman } from '../../../../support/services/podman.js'
import { waitFor } from '../../../../support/wait-for.js'

describe('the container tracker with a real podman', () => {
  let podman: TestPodman
  let tracker: ContainerTracker
  let events: ContainerEventBody[]

  before(async () => {
    podman = await startTestPodman()
  })
  after(() => podman.stop())

  beforeEach(() => {
    events = []
  })
  afterEach(() => tracker.stop('test'))

  async function start(): Promise<void> {
    const config = { ...PODMAN_DEFAULTS, socketPath: podman.socketPath, minBackoffMs: 10, maxBackoffMs: 100 }
    const runtimes = [new PodmanRuntime(config, SILENT_LOGGER)]
    const deps = { runtimes, onEvent: (body: ContainerEventBody) => events.push(body), log: SILENT_LOGGER }
    tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, deps)
  }

  function first(containerId: string, type: ContainerEventBody['type']): Promise<ContainerEventBody> {
    return waitFor(`${type} of ${containerId}`, () => events.find((event) => event.containerId === containerId && event.type === type))
  }

  it('knows a container that ran before the start, with its facts and its cgroup', async () => {
    const id = await podman.runDetached(['--name', 'before', '--label', 'team=blue', '--privileged'], ['sleep', '600'])
    await start()
    const { facts, runtime, cgroupPath, initPid } = await first(id, 'facts')
    assert.equal(facts?.name, 'before')
    assert.equal(facts.labels['team'], 'blue')
    assert.equal(facts.isPrivileged, true)
    assert.equal(runtime, 'podman')
    assert.equal(cgroupPath, `/libpod_parent/libpod-${id}`)
    assert.equal(initPid, Number(await podman.podman('inspect', '--format', '{{.State.Pid}}', id)))
    const cgroupId = statSync(join(cgroup2MountPoint(), cgroupPath), { bigint: true }).ino
    assert.equal(tracker.membershipOf(cgroupId, false).containerId, id)
  })

  it('reports start, end with exit status, and removal', async () => {
    await start()
    const id = await podman.runDetached(['--rm'], ['sh', '-c', 'exit 7'])
    assert.equal((await first(id, 'stopped')).exitCode, 7)
    await first(id, 'removed')
    assert.deepEqual(
      events.filter(({ containerId, type }) => containerId === id && type !== 'facts').map(({ type }) => type),
      ['started', 'stopped', 'removed'],
    )
  })

  it('reports that a container was killed by the OOM killer', async () => {
    await start()
    const id = await podman.runDetached(['--memory', '16m', '--memory-swap', '16m'], ['tail', '/dev/zero'])
    const { exitCode, isOomKilled } = await first(id, 'stopped')
    assert.equal(exitCode, 137)
    assert.equal(isOomKilled, true)
  })

  it('finds containers that started and ended while the service was away', async () => {
    const ends = await podman.runDetached([], ['sleep', '600'])
    await start()
    await first(ends, 'facts')
    await podman.stopService()
    await podman.podman('rm', '-f', '-t', '0', ends)
    const begins = await podman.runDetached(['--name', 'meanwhile'], ['sleep', '600'])
    await podman.startService()
    assert.equal((await first(begins, 'facts')).facts?.name, 'meanwhile')
    await first(ends, 'removed')
  })
})
