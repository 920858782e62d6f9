// The tracker with a real containerd: containers of ctr by its own API, pods by its CRI, both at once on one socket; restarts.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerEventBody } from '../../../../../collector/containers/container-index.js'
import {
  CONTAINER_TRACKER_DEFAULTS,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../../collector/containers/container-tracker.js'
import { CONTAINERD_DEFAULTS, ContainerdRuntime } from '../../../../../collector/containers/runtimes/containerd-runtime.js'
import { CRI_DEFAULTS, CriRuntime } from '../../../../../collector/containers/runtimes/cri-runtime.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { cgroup2MountPoint } from '../../../../support/cgroup-watcher.js'
import { POD_IMAGE, startTestContainerd, type TestContainerd } from '../../../../support/services/containerd.js'
import { waitFor } from '../../../../support/wait-for.js'

const HOST_NETWORK = { namespace_options: { network: 2 } }

describe('the container tracker with a real containerd', () => {
  let containerd: TestContainerd
  let tracker: ContainerTracker
  let events: ContainerEventBody[]

  before(async () => {
    containerd = await startTestContainerd()
  })
  after(() => containerd.stop())

  beforeEach(async () => {
    events = []
    const config = { socketPath: containerd.socketPath, minBackoffMs: 10, maxBackoffMs: 100 }
    const runtimes = [
      new CriRuntime({ ...CRI_DEFAULTS, ...config, name: 'containerd' }, SILENT_LOGGER),
      new ContainerdRuntime({ ...CONTAINERD_DEFAULTS, ...config }, SILENT_LOGGER),
    ]
    const deps = { runtimes, onEvent: (body: ContainerEventBody) => events.push(body), log: SILENT_LOGGER }
    tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, deps)
    await waitFor('both streams', () => !tracker.isRuntimeAway)
  })
  afterEach(() => tracker.stop('test'))

  function first(containerId: string, type: ContainerEventBody['type']): Promise<ContainerEventBody> {
    return waitFor(`${type} of ${containerId}`, () => events.find((event) => event.containerId === containerId && event.type === type))
  }

  function membershipAt(path: string): string | null {
    return tracker.membershipOf(statSync(join(cgroup2MountPoint(), path), { bigint: true }).ino, false).containerId
  }

  it('reports facts, start, end with exit status, and removal of a container of ctr; an exec session ends nothing', async () => {
    await containerd.runDetached('life', ['--label', 'team=blue'], ['sleep', '600'])
    const started = await first('life', 'started')
    assert.equal(started.runtime, 'containerd')
    assert.equal(started.facts?.labels['team'], 'blue')
    assert.equal(started.cgroupPath, '/default/life')
    assert.equal(membershipAt('/default/life'), 'life')
    await containerd.ctr('task', 'exec', '--exec-id', 'session', 'life', 'true')
    await containerd.ctr('task', 'kill', '-s', 'SIGKILL', 'life')
    assert.equal((await first('life', 'stopped')).exitCode, 137)
    await waitFor('the container to be removable', () =>
      containerd.ctr('container', 'rm', 'life').then(
        () => true,
        () => false,
      ),
    )
    await first('life', 'removed')
    assert.equal(events.filter(({ containerId, type }) => containerId === 'life' && type === 'stopped').length, 1)
  })

  it('treats a container that returns under its name as new', async () => {
    for (const team of ['first', 'second']) {
      await containerd.runDetached('again', ['--label', `team=${team}`], ['sleep', '600'])
      await waitFor(team, () => events.find(({ containerId, facts }) => containerId === 'again' && facts?.labels['team'] === team))
      await containerd.ctr('task', 'kill', '-s', 'SIGKILL', 'again')
      await waitFor('the container to be removable', () =>
        containerd.ctr('container', 'rm', 'again').then(
          () => true,
          () => false,
        ),
      )
    }
  })

  it('names pod, namespace and container of Kubernetes from the CRI alone, and reports how a container ended', async () => {
    const metadata = { name: 'web-7d9', uid: '0a1b-2c3d', namespace: 'shop' }
    const linux = { cgroup_parent: '/kubepods/besteffort/pod0a1b-2c3d', security_context: HOST_NETWORK }
    const config = { metadata, log_directory: containerd.folder, linux }
    const { pod_sandbox_id: sandboxId } = await containerd.cri('RunPodSandbox', { config })
    assert.ok(typeof sandboxId === 'string')
    const pod = { name: 'web-7d9', namespace: 'shop', uid: '0a1b-2c3d' }
    assert.deepEqual((await first(sandboxId, 'facts')).facts?.pod, { ...pod, containerName: null })
    const labels = {
      'io.kubernetes.pod.name': 'web-7d9',
      'io.kubernetes.pod.namespace': 'shop',
      'io.kubernetes.pod.uid': '0a1b-2c3d',
      'io.kubernetes.container.name': 'app',
    }
    const container = { metadata: { name: 'app' }, image: { image: POD_IMAGE }, command: ['sleep', '600'], labels }
    const made = await containerd.cri('CreateContainer', {
      pod_sandbox_id: sandboxId,
      config: { ...container, linux: { security_context: HOST_NETWORK } },
      sandbox_config: config,
    })
    const containerId = String(made['container_id'])
    await containerd.cri('StartContainer', { container_id: containerId })
    const started = await first(containerId, 'started')
    assert.deepEqual(started.facts?.pod, { ...pod, containerName: 'app' })
    assert.equal(started.facts.image, POD_IMAGE)
    assert.equal(started.facts.name, 'app')
    const path = `/kubepods/besteffort/pod0a1b-2c3d/${containerId}`
    assert.equal(membershipAt(path), containerId)
    assert.equal(started.runtime, 'containerd')
    await containerd.cri('StopContainer', { container_id: containerId })
    assert.notEqual((await first(containerId, 'stopped')).exitCode, null)
    await containerd.cri('RemoveContainer', { container_id: containerId })
    await first(containerId, 'removed')
    await containerd.cri('StopPodSandbox', { pod_sandbox_id: sandboxId })
    await containerd.cri('RemovePodSandbox', { pod_sandbox_id: sandboxId })
    await first(sandboxId, 'removed')
  })

  it('finds containers that started and ended while containerd was away', async () => {
    await containerd.runDetached('stays', [], ['sleep', '600'])
    await first('stays', 'started')
    await containerd.kill()
    await waitFor('the outage', () => tracker.isRuntimeAway)
    await containerd.startDaemon()
    await waitFor('the return', () => !tracker.isRuntimeAway)
    await containerd.runDetached('later', [], ['sleep', '600'])
    await first('later', 'facts')
    assert.equal(
      events.some(({ containerId, type }) => containerId === 'stays' && type === 'stopped'),
      false,
    )
  })
})
