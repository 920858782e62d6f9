// The tracker with a real Docker: containers found at the start, started after it, lived briefly, many at once; outages; forged cgroups.
import assert from 'node:assert/strict'
import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerEventBody } from '../../../../collector/containers/container-index.js'
import {
  CONTAINER_TRACKER_DEFAULTS,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../collector/containers/container-tracker.js'
import { DOCKER_DEFAULTS, DockerRuntime } from '../../../../collector/containers/runtimes/docker-runtime.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { CgroupWatcher, cgroup2MountPoint } from '../../../support/cgroup-watcher.js'
import { BUSYBOX_IMAGE, startTestDocker, useDocker, type TestDocker } from '../../../support/services/docker.js'
import { removeCgroups } from '../../../support/services/docker-leftovers.js'
import { waitFor, waitForCount } from '../../../support/wait-for.js'

class Tracked {
  readonly events: ContainerEventBody[] = []
  readonly tracker: ContainerTracker
  private readonly watcher: CgroupWatcher

  private constructor(tracker: ContainerTracker, events: ContainerEventBody[]) {
    this.tracker = tracker
    this.events = events
    this.watcher = new CgroupWatcher(['/docker', '/eunomia-parent'], (id, hierarchy, path) => tracker.cgroupCreated(id, hierarchy, path, 0))
  }

  static async start(docker: TestDocker): Promise<Tracked> {
    const events: ContainerEventBody[] = []
    const runtime = new DockerRuntime({ ...DOCKER_DEFAULTS, socketPath: docker.socketPath }, SILENT_LOGGER)
    const deps = { runtimes: [runtime], onEvent: (body: ContainerEventBody) => events.push(body), log: SILENT_LOGGER }
    return new Tracked(await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, deps), events)
  }

  of(containerId: string, type: ContainerEventBody['type']): ContainerEventBody[] {
    return this.events.filter((event) => event.containerId === containerId && event.type === type)
  }

  async first(containerId: string, type: ContainerEventBody['type']): Promise<ContainerEventBody> {
    return waitFor(`${type} of ${containerId}`, () => this.of(containerId, type)[0])
  }

  async stop(): Promise<void> {
    this.watcher.close()
    await this.tracker.stop('test')
  }
}

function inodeOf(path: string): bigint {
  return statSync(join(cgroup2MountPoint(), path), { bigint: true }).ino
}

describe('the container tracker with a real Docker', () => {
  const docker = useDocker()
  let tracked: Tracked | null = null
  const started: string[] = []

  async function start(): Promise<Tracked> {
    tracked = await Tracked.start(docker())
    return tracked
  }

  async function runDetached(options: readonly string[], command: readonly string[]): Promise<string> {
    const id = await docker().runDetached(options, command)
    started.push(id)
    return id
  }

  afterEach(async () => {
    await tracked?.stop()
    tracked = null
    if (started.length > 0) await docker().docker('rm', '-f', ...started.splice(0))
  })

  after(() => removeCgroups('/eunomia-parent'))

  it('knows a container that ran before the start, with its facts and its cgroup', async () => {
    const id = await runDetached(
      ['--name', 'found-at-start', '--label', 'team=blue', '--privileged', '-v', '/usr:/host:ro'],
      ['sleep', '1000'],
    )
    const { tracker, events } = await start()
    const cgroupId = inodeOf(`/docker/${id}`)
    assert.deepEqual(tracker.membershipOf(cgroupId, false), { path: `/docker/${id}`, claim: id, claimUid: 0, containerId: id })
    const facts = events.filter((event) => event.containerId === id && event.type === 'facts')
    assert.equal(facts.length, 1)
    assert.equal(facts[0]?.runtime, 'docker')
    assert.equal(facts[0].cgroupId, cgroupId.toString())
    assert.equal(facts[0].reason, null)
    assert.equal(facts[0].initPid, Number(await docker().docker('inspect', '--format', '{{.State.Pid}}', id)))
    assert.equal(facts[0].facts?.name, 'found-at-start')
    assert.equal(facts[0].facts.image, BUSYBOX_IMAGE)
    assert.equal(facts[0].facts.imageRepository, 'eunomia-test/busybox')
    assert.equal(facts[0].facts.imageTag, '1.0')
    assert.equal(facts[0].facts.imageId, await docker().docker('inspect', '--format', '{{.Image}}', id))
    assert.equal(facts[0].facts.imageDigest, null)
    assert.deepEqual(facts[0].facts.labels, { team: 'blue' })
    assert.equal(facts[0].facts.isPrivileged, true)
    assert.deepEqual(facts[0].facts.mounts, [
      { source: '/usr', destination: '/host', type: 'bind', isWritable: false, propagation: 'rprivate' },
    ])
  })

  it('reports the life of a container that starts later, with its cgroup confirmed at creation', async () => {
    const { tracker } = await start()
    const at = tracked
    assert.ok(at !== null)
    const id = await runDetached([], ['sh', '-c', 'sleep 1000'])
    const created = await at.first(id, 'created')
    const cgroupId = inodeOf(`/docker/${id}`)
    assert.equal(created.cgroupId, cgroupId.toString())
    assert.equal(created.cgroupPath, `/docker/${id}`)
    assert.equal(tracker.membershipOf(cgroupId, false).containerId, id)
    const begun = await at.first(id, 'started')
    assert.equal(begun.initPid, Number(await docker().docker('inspect', '--format', '{{.State.Pid}}', id)))
    await docker().docker('kill', '-s', 'KILL', id)
    const stopped = await at.first(id, 'stopped')
    assert.equal(stopped.exitCode, 137)
    assert.equal(stopped.isOomKilled, false)
    await docker().docker('rm', id)
    started.splice(0)
    await at.first(id, 'removed')
    assert.deepEqual(
      at.events.filter((event) => event.containerId === id).map((event) => event.type),
      ['created', 'facts', 'started', 'stopped', 'removed'],
    )
    const behindFacts = at.events.filter((event) => event.containerId === id && event.type !== 'created')
    assert.ok(behindFacts.every((event) => event.facts?.image === BUSYBOX_IMAGE))
  })

  it('assigns the new cgroup when the same container is started again', async () => {
    await start()
    const at = tracked
    assert.ok(at !== null)
    const id = await runDetached([], ['true'])
    await at.first(id, 'stopped')
    await docker().docker('start', id)
    await waitFor('two ends', () => at.of(id, 'stopped').length === 2)
    const cgroupIds = at.of(id, 'created').map((event) => event.cgroupId)
    assert.equal(new Set(cgroupIds).size, 2)
    assert.deepEqual(
      at.of(id, 'facts').map((event) => event.cgroupId),
      cgroupIds,
    )
    assert.equal(at.of(id, 'started').length, 2)
  })

  it('has the facts of containers that live for less than 100 ms and remove themselves', async () => {
    const at = await start()
    for (let round = 0; round < 5; round++) {
      const name = `brief-${round}`
      await docker().run(['--rm', '--name', name], ['true'])
      const facts = await waitFor(name, () => at.events.find((event) => event.type === 'facts' && event.facts?.name === name))
      assert.match(facts.containerId, /^[0-9a-f]{64}$/)
      assert.equal(facts.facts?.image, BUSYBOX_IMAGE)
      assert.ok(facts.cgroupId !== null)
      const membership = at.tracker.membershipOf(BigInt(facts.cgroupId), false)
      assert.equal(membership.containerId, facts.containerId)
      await at.first(facts.containerId, 'removed')
    }
  })

  it('has the facts of 30 containers that start at once', async () => {
    const at = await start()
    const ids = await Promise.all(Array.from({ length: 30 }, (_, index) => runDetached(['--name', `many-${index}`], ['sleep', '1000'])))
    for (const [index, id] of ids.entries()) {
      const facts = await at.first(id, 'facts')
      assert.equal(facts.facts?.name, `many-${index}`)
      assert.equal(facts.cgroupId, inodeOf(`/docker/${id}`).toString())
      await at.first(id, 'started')
      assert.equal(at.of(id, 'facts').length, 1)
    }
    assert.equal(at.tracker.counters().asksRefused, 0)
  })

  it('finds a cgroup by its id at once when no record announced it', async () => {
    const at = await start()
    const folder = join(cgroup2MountPoint(), 'eunomia-parent', 'unseen')
    const id = await runDetached([], ['sleep', '1000'])
    await at.first(id, 'facts')
    mkdirSync(join(folder, 'deep'), { recursive: true })
    const below = join(cgroup2MountPoint(), 'docker', id, 'inner')
    mkdirSync(below)
    try {
      const cgroupId = inodeOf('/eunomia-parent/unseen/deep')
      assert.equal(at.tracker.membershipOf(cgroupId, false).path, '/eunomia-parent/unseen/deep')
      const innerId = inodeOf(`/docker/${id}/inner`)
      assert.equal(at.tracker.membershipOf(innerId, false).containerId, id)
      assert.equal(at.tracker.counters().cgroups.foundById, 2)
    } finally {
      for (const path of [join(folder, 'deep'), folder, below]) rmdirSync(path)
    }
  })

  it('never confirms a cgroup that only has the name of a container', async () => {
    const id = await runDetached([], ['sleep', '1000'])
    const host = await runDetached([], ['sleep', '1000'])
    const at = await start()
    const forged = [`/eunomia-parent/${id}`, `/eunomia-parent/docker-${id}.scope`, `/docker/${host}/docker`, `/docker/${host}/docker/${id}`]
    const elsewhere = at.tracker.counters().claimsElsewhere
    for (const path of forged) mkdirSync(join(cgroup2MountPoint(), path))
    try {
      const [alone, scope, , nested] = forged.map((path) => inodeOf(path))
      assert.ok(alone !== undefined && scope !== undefined && nested !== undefined)
      at.tracker.cgroupCreated(nested, 0, `/docker/${host}/docker/${id}`, 0)
      await waitForCount('the claims', () => at.tracker.counters().claimsElsewhere, elsewhere + 3)
      assert.deepEqual(at.tracker.membershipOf(alone, false), { path: forged[0], claim: id, claimUid: 0, containerId: null })
      assert.deepEqual(at.tracker.membershipOf(scope, false), { path: forged[1], claim: id, claimUid: 0, containerId: null })
      assert.deepEqual(at.tracker.membershipOf(nested, false), { path: forged[3], claim: id, claimUid: 0, containerId: host })
      const actual = at
        .of(id, 'created')
        .concat(at.of(id, 'facts'))
        .map((event) => event.cgroupId)
      assert.ok(actual.every((cgroupId) => cgroupId === inodeOf(`/docker/${id}`).toString()))
    } finally {
      for (const path of forged.reverse()) rmdirSync(join(cgroup2MountPoint(), path))
    }
  })

  it('confirms a container below a parent of its own', async () => {
    const at = await start()
    const id = await runDetached(['--cgroup-parent', '/eunomia-parent'], ['sleep', '1000'])
    const facts = await at.first(id, 'facts')
    assert.equal(facts.cgroupPath, `/eunomia-parent/${id}`)
    assert.equal(facts.cgroupId, inodeOf(`/eunomia-parent/${id}`).toString())
  })
})

describe('the container tracker when Docker stops and starts', () => {
  let docker: TestDocker | null = null
  let tracked: Tracked | null = null

  after(async () => {
    await tracked?.stop()
    await docker?.stop()
    removeCgroups('/eunomia-parent')
  })

  it('confirms a container by its first process when the daemon has a default parent that it does not report', async () => {
    docker = await startTestDocker(['--cgroup-parent', '/eunomia-parent'])
    tracked = await Tracked.start(docker)
    const id = await docker.runDetached([], ['sleep', '1000'])
    const facts = await tracked.first(id, 'created')
    assert.equal(facts.cgroupPath, `/eunomia-parent/${id}`)
    assert.equal(tracked.tracker.membershipOf(inodeOf(`/eunomia-parent/${id}`), false).containerId, id)
    await docker.docker('rm', '-f', id)
  })

  it('misses nothing of a daemon that is killed and started again', async () => {
    assert.ok(docker !== null && tracked !== null)
    const at = tracked
    const survivor = await docker.runDetached(['--name', 'survivor'], ['sleep', '1000'])
    const casualty = await docker.runDetached(['--name', 'casualty'], ['sleep', '1000'])
    await at.first(survivor, 'started')
    await at.first(casualty, 'started')
    const pid = Number(await docker.docker('inspect', '--format', '{{.State.Pid}}', casualty))

    await docker.killDaemon()
    process.kill(pid, 'SIGKILL')
    await docker.startDaemon()

    await at.first(casualty, 'stopped')
    assert.equal(at.of(casualty, 'stopped').length, 1)
    assert.equal(at.of(survivor, 'stopped').length, 0)
    const late = await docker.runDetached(['--name', 'late'], ['sleep', '1000'])
    assert.equal((await at.first(late, 'facts')).facts?.name, 'late')
    await docker.docker('rm', '-f', survivor, late)
    await at.first(survivor, 'removed')
    assert.equal(at.of(survivor, 'stopped').length, 1)
  })
})
