// The tracker with a fake runtime and fake cgroups: orders of events, hosts with v1, late and missing answers.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CgroupHierarchy } from '../../../../collector/containers/cgroups/cgroup-hierarchies.js'
import type { ContainerEventBody } from '../../../../collector/containers/container-index.js'
import {
  CONTAINER_TRACKER_DEFAULTS,
  type ContainerTrackerConfig,
  startContainerTracker,
  type ContainerTracker,
} from '../../../../collector/containers/container-tracker.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { fakeContainer, FakeRuntime } from '../../../support/fakes/fake-runtime.js'
import { waitFor } from '../../../support/wait-for.js'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)
const V2: CgroupHierarchy = { kind: 'v2', hierarchyId: 0, mountPoint: '/nowhere/v2', rootPath: '/' }
const V1: CgroupHierarchy = { kind: 'v1', hierarchyId: 8, mountPoint: '/nowhere/pids', rootPath: '/' }

describe('ContainerTracker', () => {
  let runtime: FakeRuntime
  let tracker: ContainerTracker
  let events: ContainerEventBody[]

  async function start(hierarchies: readonly CgroupHierarchy[] = [V2], changes: Partial<ContainerTrackerConfig> = {}): Promise<void> {
    const deps = { runtimes: [runtime], onEvent: (body: ContainerEventBody) => events.push(body), log: SILENT_LOGGER, hierarchies }
    tracker = await startContainerTracker({ ...CONTAINER_TRACKER_DEFAULTS, ...changes }, deps)
  }

  function created(id: string): void {
    runtime.emit({ type: 'created', containerId: id, cgroupPaths: [`/docker/${id}`] })
  }

  function began(id: string): void {
    runtime.emit({ type: 'started', containerId: id, cgroupPaths: [`/docker/${id}`] })
  }

  const types = (): string[] => events.map(({ type }) => type)

  beforeEach(() => {
    runtime = new FakeRuntime()
    events = []
  })

  afterEach(() => tracker.stop('test'))

  it('publishes running containers at the start, without a cgroup if it does not exist', async () => {
    runtime.known.set(A, fakeContainer(A, { initPid: 4711 }))
    await start()
    assert.deepEqual(types(), ['facts'])
    assert.equal(events[0]?.initPid, 4711)
    assert.equal(events[0].cgroupId, null)
    assert.equal(events[0].facts?.name, 'name-a1a1')
  })

  it('finds the cgroup of a started container whose mkdir record was lost, without a walk', async () => {
    const mountPoint = mkdtempSync(join(tmpdir(), 'eunomia-tracker-'))
    try {
      await start([{ ...V2, mountPoint }], { minWalkIntervalMs: 3_600_000 })
      const path = join(mountPoint, 'docker', A)
      mkdirSync(path, { recursive: true })
      const cgroupId = statSync(path, { bigint: true }).ino
      assert.equal(tracker.membershipOf(cgroupId, false).containerId, null)
      began(A)
      await waitFor('the container', () => tracker.membershipOf(cgroupId, false).containerId === A)
    } finally {
      rmSync(mountPoint, { recursive: true })
    }
  })

  it('confirms the cgroup of a reported container at once, and publishes facts when they arrive', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A))
    runtime.hold()
    created(A)
    tracker.cgroupCreated(10n, 0, `/docker/${A}`, 0)
    assert.deepEqual(tracker.membershipOf(10n, false), { path: `/docker/${A}`, claim: A, claimUid: 0, containerId: A })
    assert.deepEqual(types(), ['created'])
    assert.equal(events[0]?.facts, null)
    assert.notEqual(events[0].reason, null)
    runtime.release()
    await waitFor('facts', () => types().includes('facts'))
    assert.equal(events[1]?.cgroupId, '10')
    assert.equal(events[1].reason, null)
  })

  it('queries an unreported container that a cgroup claims, and confirms it if the runtime knows it at this path', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A, { initPid: 12 }))
    tracker.cgroupCreated(10n, 0, `/docker/${A}`, 0)
    assert.equal(tracker.membershipOf(10n, false).containerId, null)
    const { generation } = tracker
    await waitFor('the answer', () => tracker.membershipOf(10n, false).containerId === A)
    assert.ok(tracker.generation > generation)
    assert.deepEqual(types(), ['created', 'facts'])
  })

  it('confirms no cgroup at another path and none below a claim, and counts claims', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A))
    tracker.cgroupCreated(10n, 0, `/user.slice/docker-${A}.scope`, 0)
    tracker.cgroupCreated(11n, 0, `/user.slice/docker-${A}.scope/docker-${A}.scope`, 0)
    tracker.cgroupCreated(12n, 0, `/somewhere/else/${B}`, 0)
    tracker.cgroupCreated(13n, 0, '/lxc/web', 0)
    await waitFor('the counts', () => tracker.counters().claimsElsewhere === 2 && tracker.counters().claimsUnknown === 1)
    for (const id of [10n, 11n, 12n, 13n]) assert.equal(tracker.membershipOf(id, false).containerId, null)
    assert.equal(tracker.membershipOf(13n, false).claim, 'web')
    assert.deepEqual([...new Set(runtime.asked)].sort(), [A, B]) // the runtime does not use names as ids
    assert.deepEqual(types(), [])
  })

  it('limits the queries per second caused only by names of cgroups, and counts the rest', async () => {
    await start([V2], { maxClaimsPerSecond: 2 })
    for (let count = 0n; count < 50n; count++) tracker.cgroupCreated(count, 0, `/user.slice/x/${String(count).padStart(64, '0')}`, 0)
    const inOneSecond = 2
    const inTheNext = 2 // if a new second began meanwhile
    await waitFor('the answers', () => tracker.counters().claimsUnknown === runtime.asked.length)
    assert.ok(runtime.asked.length >= inOneSecond && runtime.asked.length <= inOneSecond + inTheNext)
    assert.equal(tracker.counters().claimsRefused, 50 - runtime.asked.length)
  })

  it('resolves the name of a removed container for late events', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A))
    runtime.hold()
    tracker.cgroupCreated(10n, 0, `/docker/${A}`, 0)
    tracker.cgroupRemoved(10n, 0)
    runtime.release()
    await waitFor('the answer', () => tracker.membershipOf(10n, false).containerId === A)
    assert.equal(events.find(({ type }) => type === 'facts')?.cgroupId, '10')
  })

  it('publishes why there are no facts: removed during the query', async () => {
    await start()
    created(A)
    tracker.cgroupCreated(10n, 0, `/docker/${A}`, 0)
    runtime.emit({ type: 'stopped', containerId: A, exitCode: 0 })
    runtime.emit({ type: 'removed', containerId: A })
    await waitFor('the word', () => types().includes('facts'))
    const facts = events.find(({ type }) => type === 'facts')
    assert.equal(facts?.facts, null)
    assert.match(facts.reason ?? '', /removed/)
    assert.equal(facts.cgroupId, '10')
    assert.equal(tracker.membershipOf(10n, false).containerId, A)
  })

  it('publishes why there are no facts: no answer after the configured attempts', async () => {
    await start([V2], { maxAttempts: 2 })
    runtime.emit({ type: 'connected' })
    runtime.isAway = true
    created(A)
    await waitFor('the word', () => types().includes('facts'))
    assert.match(events[0]?.reason ?? '', /answer/)
    assert.equal(runtime.asked.length, 2)
    assert.equal(tracker.counters().asksFailed, 1)
  })

  it('queries an unreachable runtime once, and queries everything when it is back', async () => {
    runtime.isAway = true
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    await start()
    tracker.cgroupCreated(10n, 0, `/docker/${A}`, 0)
    await waitFor('the question', () => tracker.counters().asksFailed === 1)
    assert.equal(runtime.asked.length, 1)
    assert.deepEqual(
      tracker.membershipOf(10n, false),
      { path: `/docker/${A}`, claim: A, claimUid: 0, containerId: null },
      'a name alone is a claim',
    )
    runtime.isAway = false
    runtime.emit({ type: 'connected' })
    await waitFor('facts', () => types().includes('facts'))
    assert.equal(tracker.membershipOf(10n, false).containerId, A)
  })

  it('reports that no runtime can be reached during an outage', async () => {
    await start()
    assert.equal(tracker.isRuntimeAway, false)
    runtime.emit({ type: 'disconnected' })
    assert.equal(tracker.isRuntimeAway, true)
    runtime.emit({ type: 'connected' })
    assert.equal(tracker.isRuntimeAway, false)
  })

  it('retries the list if only the list failed and the event stream is open', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    runtime.isAway = true
    runtime.emit({ type: 'connected' })
    await waitFor('the list', () => runtime.lists === 2)
    runtime.isAway = false
    await waitFor('facts', () => types().includes('facts'))
  })

  it('uses the answer of one runtime while another is unreachable, and queries neither endlessly', async () => {
    const away = new FakeRuntime()
    away.isAway = true
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    const deps = {
      runtimes: [away, runtime],
      onEvent: (body: ContainerEventBody) => events.push(body),
      log: SILENT_LOGGER,
      hierarchies: [V2],
    }
    tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, deps)
    assert.deepEqual(types(), ['facts'])
    tracker.cgroupCreated(10n, 0, `/docker/${A}`, 0)
    tracker.cgroupCreated(11n, 0, `/docker/${B}`, 0) // only the unreachable runtime could know it
    await waitFor('the question', () => tracker.counters().asksFailed === 1)
    assert.equal(tracker.membershipOf(10n, false).containerId, A)
    assert.deepEqual(tracker.membershipOf(11n, false), { path: `/docker/${B}`, claim: B, claimUid: 0, containerId: null })
    assert.deepEqual(away.asked, [B]) // A is queried at the runtime that reported it
  })

  it('finds containers that ended between the first list and the opening of the event stream', async () => {
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    await start()
    assert.deepEqual(types(), ['facts'])
    runtime.known.set(A, fakeContainer(A, { exitCode: 3 }))
    runtime.emit({ type: 'connected' })
    await waitFor('the end', () => types().includes('stopped'))
    assert.equal(events.at(-1)?.exitCode, 3)
  })

  it('treats a container recreated under its name as a new one', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    began(A)
    await waitFor('the first', () => types().includes('started'))
    runtime.emit({ type: 'stopped', containerId: A, exitCode: 0 })
    runtime.emit({ type: 'removed', containerId: A })
    const first = fakeContainer(A)
    runtime.known.set(A, { ...first, initPid: 6, facts: { ...first.facts, image: 'app:2' } })
    began(A)
    await waitFor('the second', () => types().filter((type) => type === 'started').length === 2)
    assert.equal(events.at(-1)?.facts?.image, 'app:2')
    assert.equal(events.at(-1)?.initPid, 6)
  })

  it('finds after an outage what ended during it', async () => {
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    runtime.known.set(B, fakeContainer(B, { initPid: 6 }))
    await start()
    runtime.emit({ type: 'connected' })
    await waitFor('both', () => types().filter((type) => type === 'facts').length === 2)
    runtime.emit({ type: 'disconnected' })
    runtime.known.set(A, fakeContainer(A, { exitCode: 137, isOomKilled: true }))
    runtime.known.delete(B)
    runtime.emit({ type: 'connected' })
    await waitFor('the ends', () => types().includes('removed'))
    const ends = events.slice(2).map(({ type, containerId, exitCode, isOomKilled }) => [type, containerId, exitCode, isOomKilled])
    assert.deepEqual(
      ends.filter(([, id]) => id === A),
      [['stopped', A, 137, true]],
    )
    assert.deepEqual(
      ends.filter(([, id]) => id === B),
      [
        ['stopped', B, null, false],
        ['removed', B, null, null],
      ],
    )
    runtime.emit({ type: 'stopped', containerId: A, exitCode: 137 })
    runtime.emit({ type: 'removed', containerId: B })
    assert.equal(events.length, 5) // published before
  })

  it('publishes a start with the first process from an answer that is not older than the start', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A))
    runtime.hold()
    created(A)
    await waitFor('the question', () => runtime.asked.length === 1)
    began(A)
    runtime.known.set(A, fakeContainer(A, { initPid: 77 }))
    runtime.release()
    await waitFor('the start', () => types().includes('started'))
    assert.equal(events.find(({ type }) => type === 'started')?.initPid, 77)
  })

  it('publishes a start before the end, even without an answer in between', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A, { exitCode: 1 }))
    runtime.hold()
    began(A)
    runtime.emit({ type: 'oom', containerId: A })
    runtime.emit({ type: 'stopped', containerId: A, exitCode: 1 })
    runtime.release()
    await waitFor('facts', () => types().includes('facts'))
    assert.deepEqual(types(), ['started', 'stopped', 'facts'])
    assert.deepEqual([events[0]?.initPid, events[1]?.exitCode, events[1]?.isOomKilled], [null, 1, true])
  })

  it('uses the v2 cgroup on a hybrid host, and v1 ids only for membership', async () => {
    await start([V2, V1])
    runtime.known.set(A, fakeContainer(A))
    created(A)
    tracker.cgroupCreated(30n, 8, `/docker/${A}`, 0)
    assert.deepEqual(types(), [])
    tracker.cgroupCreated(40n, 0, `/docker/${A}`, 0)
    await waitFor('facts', () => types().includes('facts'))
    assert.deepEqual(
      events.map(({ cgroupId }) => cgroupId),
      ['40', '40'],
    )
    assert.equal(tracker.membershipOf(30n, true).containerId, A)
    assert.equal(tracker.membershipOf(40n, false).containerId, A)
  })

  it('publishes a path without an id on a v1 host', async () => {
    await start([V1])
    runtime.known.set(A, fakeContainer(A))
    created(A)
    tracker.cgroupCreated(30n, 8, `/docker/${A}`, 0)
    await waitFor('facts', () => types().includes('facts'))
    assert.deepEqual(
      events.map(({ cgroupId, cgroupPath }) => [cgroupId, cgroupPath]),
      [
        [null, `/docker/${A}`],
        [null, `/docker/${A}`],
      ],
    )
  })

  it('republishes the facts of running containers periodically', async () => {
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    await start([V2], { snapshotIntervalMs: 5 })
    await waitFor('three snapshots', () => events.length >= 4)
    assert.ok(types().every((type) => type === 'facts'))
    runtime.emit({ type: 'stopped', containerId: A, exitCode: 0 })
    runtime.emit({ type: 'removed', containerId: A })
    assert.deepEqual(types().slice(-2), ['stopped', 'removed'])
  })

  it('refuses containers over its bound, and counts them', async () => {
    await start([V2], { maxContainers: 1 })
    created(A)
    created(B)
    assert.equal(tracker.counters().containers, 1)
    assert.equal(tracker.counters().containersRefused, 1)
  })

  it('stops once, closes its runtimes, and publishes nothing more', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A))
    runtime.hold()
    began(A)
    const first = tracker.stop('test')
    assert.equal(tracker.stop('again'), first)
    await first
    await tracker.done
    assert.equal(runtime.isClosed, true)
    runtime.release()
    began(B)
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(events, [])
  })

  describe('with the runtime of a user', () => {
    const SLICE = '/user.slice/user-1000.slice/user@1000.service/user.slice'
    let ofUser: FakeRuntime

    beforeEach(() => {
      ofUser = new FakeRuntime('/run/user/1000/podman/podman.sock')
    })

    async function startBoth(): Promise<void> {
      const deps = { runtimes: [ofUser, runtime], onEvent: (body: ContainerEventBody) => events.push(body), log: SILENT_LOGGER }
      tracker = await startContainerTracker(CONTAINER_TRACKER_DEFAULTS, { ...deps, hierarchies: [V2] })
    }
    const named = (id: string, name: string, path: string) => {
      const container = fakeContainer(id, { initPid: 12, cgroupPaths: [path] })
      return { ...container, facts: { ...container.facts, name } }
    }

    it("believes root's runtime about a container that the user's reports first, and the user's about none of its cgroups", async () => {
      ofUser.known.set(A, named(A, 'backup', `/docker/${A}`))
      runtime.known.set(A, named(A, 'payments', `/docker/${A}`))
      runtime.hold()
      await Promise.all([startBoth(), waitFor('the question', () => runtime.asked.length > 0).then(() => runtime.release())])
      tracker.cgroupCreated(10n, 0, `/docker/${A}`, 0)
      await waitFor('the facts', () => events.some(({ facts }) => facts !== null))
      assert.deepEqual([...new Set(events.flatMap(({ facts }) => facts?.name ?? []))], ['payments'])
      assert.equal(tracker.nameOf(A), 'payments')
      assert.equal(tracker.membershipOf(10n, false).containerId, A)
    })

    it('lets it confirm the cgroups of its user only, and takes them back when root reports the id', async () => {
      await startBoth()
      ofUser.known.set(A, named(A, 'mine', `${SLICE}/libpod-${A}.scope`))
      ofUser.known.set(B, named(B, 'taken', `/machine.slice/libpod-${B}.scope`))
      tracker.cgroupCreated(10n, 0, `${SLICE}/libpod-${A}.scope`, 1000)
      tracker.cgroupCreated(11n, 0, `/machine.slice/libpod-${B}.scope`, 0)
      await waitFor('the own container', () => tracker.membershipOf(10n, false).containerId === A)
      await waitFor('the refusal', () => tracker.counters().confirmationsRefused > 0)
      assert.equal(tracker.membershipOf(11n, false).containerId, null)
      assert.deepEqual([...new Set(events.flatMap(({ facts }) => facts?.name ?? []))], ['mine'])
      runtime.known.set(A, fakeContainer(A))
      created(A)
      assert.equal(tracker.membershipOf(10n, false).containerId, null)
      assert.equal(tracker.counters().takenOver, 1)
    })

    it('does not let a runtime of root confirm a cgroup that a user controls', async () => {
      await startBoth()
      runtime.known.set(A, named(A, 'a', `${SLICE}/docker-${A}.scope`))
      tracker.cgroupCreated(10n, 0, `${SLICE}/docker-${A}.scope`, 1000)
      await waitFor('the refusal', () => tracker.counters().confirmationsRefused > 0)
      assert.deepEqual(tracker.membershipOf(10n, false), {
        path: `${SLICE}/docker-${A}.scope`,
        claim: A,
        claimUid: 1000,
        containerId: null,
      })
    })
  })
})
