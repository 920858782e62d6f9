// Several runtimes at once over real sockets: each reports its own containers, sockets created later, restarts, and reports about another's.
import assert from 'node:assert/strict'
import type { ContainerEventBody } from '../../../../collector/containers/container-index.js'
import {
  CONTAINER_TRACKER_DEFAULTS,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../collector/containers/container-tracker.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../../../collector/containers/runtimes/docker-runtime.js'
import { PODMAN_DEFAULTS, PodmanRuntime } from '../../../../collector/containers/runtimes/podman-runtime.js'
import { SILENT_LOGGER, type Logger } from '../../../../infra/process/logger.js'
import { ScriptedHttpRuntime } from '../../../support/services/scripted-http-runtime.js'
import { waitFor } from '../../../support/wait-for.js'

const IN_DOCKER = 'd0'.repeat(32)
const IN_PODMAN = 'b0'.repeat(32)
const BACKOFF = { minBackoffMs: 1, maxBackoffMs: 10 }

function state(running: boolean): Record<string, unknown> {
  return { Running: running, Pid: running ? 4711 : 0, ExitCode: 0, StartedAt: '2026-03-01T10:11:13Z' }
}

function event(action: string, id: string): string {
  return `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id, Attributes: {} } })}\n`
}

describe('the container tracker with several runtimes', () => {
  let docker: ScriptedHttpRuntime
  let podman: ScriptedHttpRuntime
  let tracker: ContainerTracker
  let events: ContainerEventBody[]

  beforeEach(async () => {
    events = []
    docker = new ScriptedHttpRuntime()
    podman = new ScriptedHttpRuntime()
    docker.answer('/containers/json', [{ Id: IN_DOCKER }])
    docker.answer(`/containers/${IN_DOCKER}/json`, { Id: IN_DOCKER, Name: '/a', State: state(true), Config: { Image: 'a:1' } })
    podman.answer('/v4.0.0/libpod/containers/json', [{ Id: IN_PODMAN }])
    podman.answer(`/v4.0.0/libpod/containers/${IN_PODMAN}/json`, { Id: IN_PODMAN, Name: 'b', State: state(true), ImageName: 'b:1' })
    await docker.start()
  })

  afterEach(async () => {
    await tracker.stop('test')
    await docker.remove()
    await podman.remove()
  })

  async function start(log: Logger = SILENT_LOGGER): Promise<void> {
    const runtimes = [
      new DockerRuntime({ ...DOCKER_DEFAULTS, ...BACKOFF, socketPath: docker.socketPath }, SILENT_LOGGER),
      new PodmanRuntime({ ...PODMAN_DEFAULTS, ...BACKOFF, socketPath: podman.socketPath }, SILENT_LOGGER),
    ]
    const hierarchies = [{ kind: 'v2' as const, hierarchyId: 0, mountPoint: '/nowhere', rootPath: '/' }]
    const deps = { runtimes, onEvent: (body: ContainerEventBody) => events.push(body), log, hierarchies }
    tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, deps)
  }

  const published = (type: ContainerEventBody['type']): string[] =>
    events.filter((body) => body.type === type).map(({ containerId, runtime }) => `${runtime} ${containerId}`)

  it('publishes the containers of each runtime, also if its socket is created later, and is reachable meanwhile', async () => {
    await start()
    await waitFor('the container of Docker', () => published('facts').includes(`docker ${IN_DOCKER}`))
    assert.equal(tracker.isRuntimeAway, false)
    await podman.start()
    await waitFor('the container of podman', () => published('facts').includes(`podman ${IN_PODMAN}`))
    assert.equal(published('facts').length, 2)
  })

  it('continues with one while the other restarts, and finds what ended meanwhile', async () => {
    await podman.start()
    await start()
    await waitFor('both', () => published('facts').length === 2)
    await waitFor('the stream of podman', () => podman.streams.length === 1)
    await podman.stop()
    podman.answer('/v4.0.0/libpod/containers/json', [])
    podman.answer(`/v4.0.0/libpod/containers/${IN_PODMAN}/json`, { Id: IN_PODMAN, Name: 'b', State: { ...state(false), ExitCode: 4 } })
    const stream = await waitFor('the stream of Docker', () => docker.streams[0])
    stream.write(event('die', IN_DOCKER))
    await waitFor('the end in Docker', () => published('stopped').includes(`docker ${IN_DOCKER}`))
    await podman.start()
    await waitFor('the end in podman', () => published('stopped').includes(`podman ${IN_PODMAN}`))
    assert.equal(events.find(({ type, runtime }) => type === 'stopped' && runtime === 'podman')?.exitCode, 4)
  })

  it('warns once at the start that no runtime answers, with the sockets', async () => {
    await docker.stop()
    const warnings: string[] = []
    const log = { ...SILENT_LOGGER, warn: (facts: object): unknown => warnings.push(JSON.stringify(facts)) }
    await start(log)
    assert.deepEqual(warnings, [JSON.stringify({ reason: `no answer at ${docker.socketPath}, ${podman.socketPath}` })])
    assert.equal(tracker.isRuntimeAway, true)
  })

  it("ignores and counts a runtime's reports about another's container", async () => {
    await podman.start()
    await start()
    await waitFor('both', () => published('facts').length === 2)
    const stream = await waitFor('the stream of podman', () => podman.streams[0])
    stream.write(event('died', IN_DOCKER) + event('remove', IN_DOCKER) + event('start', IN_DOCKER))
    await waitFor('the count', () => tracker.counters().reportedByOthers === 3)
    assert.deepEqual([...published('stopped'), ...published('removed'), ...published('started')], [])
  })

  it('queries each runtime once for a cgroup that none knows', async () => {
    await podman.start()
    await start()
    await waitFor('both', () => published('facts').length === 2)
    const forged = 'f0'.repeat(32)
    tracker.cgroupCreated(10n, 0, `/user.slice/user-1000.slice/docker-${forged}.scope`, 0)
    await waitFor('the count', () => tracker.counters().claimsUnknown === 1)
    assert.equal(tracker.membershipOf(10n, false).containerId, null)
    assert.equal(docker.asked.filter((path) => path.includes(forged)).length, 1)
    assert.equal(podman.asked.filter((path) => path.includes(forged)).length, 1)
  })

  it("does not confirm a user's cgroup that is named like a running container", async () => {
    await start()
    await waitFor('the container of Docker', () => published('facts').length === 1)
    tracker.cgroupCreated(11n, 0, `/user.slice/user-1000.slice/app.slice/docker-${IN_DOCKER}.scope`, 0)
    await waitFor('the count', () => tracker.counters().claimsElsewhere === 1)
    assert.equal(tracker.membershipOf(11n, false).containerId, null)
    assert.equal(tracker.membershipOf(11n, false).claim, IN_DOCKER)
  })
})
