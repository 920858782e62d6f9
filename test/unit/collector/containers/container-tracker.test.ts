// The tracker with a runtime and cgroups that the test plays: orders of events, hosts with v1, answers that are late or never come.
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
    runtime.tell({ type: 'created', containerId: id, cgroupPaths: [`/docker/${id}`] })
  }

  function began(id: string): void {
    runtime.tell({ type: 'started', containerId: id, cgroupPaths: [`/docker/${id}`] })
  }

  const types = (): string[] => events.map(({ type }) => type)

  beforeEach(() => {
    runtime = new FakeRuntime()
    events = []
  })

  afterEach(() => tracker.stop('test'))

  it('publishes what runs at the start, without a word of its cgroup when that is not there', async () => {
    runtime.known.set(A, fakeContainer(A, { initPid: 4711 }))
    await start()
    assert.deepEqual(types(), ['facts'])
    assert.equal(events[0]?.initPid, 4711)
    assert.equal(events[0].cgroupId, null)
    assert.equal(events[0].facts?.name, 'name-a1a1')
  })

  it('finds the cgroup of a container that started, although the record of its making was lost and no walk is due', async () => {
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

  it('confirms at once a cgroup whose container was told of, and publishes facts when they come', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A))
    runtime.hold()
    created(A)
    tracker.cgroupCreated(10n, 0, `/docker/${A}`)
    assert.deepEqual(tracker.membershipOf(10n, false), { path: `/docker/${A}`, claim: A, containerId: A })
    assert.deepEqual(types(), ['created'])
    assert.equal(events[0]?.facts, null)
    assert.notEqual(events[0].reason, null)
    runtime.release()
    await waitFor('facts', () => types().includes('facts'))
    assert.equal(events[1]?.cgroupId, '10')
    assert.equal(events[1].reason, null)
  })

  it('asks for a cgroup that claims a container nobody told of, and confirms it when the runtime knows it there', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A, { initPid: 12 }))
    tracker.cgroupCreated(10n, 0, `/docker/${A}`)
    assert.equal(tracker.membershipOf(10n, false).containerId, null)
    const { generation } = tracker
    await waitFor('the answer', () => tracker.membershipOf(10n, false).containerId === A)
    assert.ok(tracker.generation > generation)
    assert.deepEqual(types(), ['created', 'facts'])
  })

  it('confirms no cgroup elsewhere, none below a claim, and counts claims', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A))
    tracker.cgroupCreated(10n, 0, `/user.slice/docker-${A}.scope`)
    tracker.cgroupCreated(11n, 0, `/user.slice/docker-${A}.scope/docker-${A}.scope`)
    tracker.cgroupCreated(12n, 0, `/somewhere/else/${B}`)
    tracker.cgroupCreated(13n, 0, '/lxc/web')
    await waitFor('the counts', () => tracker.counters().claimsElsewhere === 2 && tracker.counters().claimsUnknown === 1)
    for (const id of [10n, 11n, 12n, 13n]) assert.equal(tracker.membershipOf(id, false).containerId, null)
    assert.equal(tracker.membershipOf(13n, false).claim, 'web')
    assert.deepEqual([...new Set(runtime.asked)].sort(), [A, B]) // no runtime that is there gives names
    assert.deepEqual(types(), [])
  })

  it('asks a runtime only so often a second for what only the names of cgroups claim, and counts the rest', async () => {
    await start([V2], { maxClaimsPerSecond: 2 })
    for (let count = 0n; count < 50n; count++) tracker.cgroupCreated(count, 0, `/user.slice/x/${String(count).padStart(64, '0')}`)
    const inOneSecond = 2
    const inTheNext = 2 // when the second turned meanwhile
    await waitFor('the answers', () => tracker.counters().claimsUnknown === runtime.asked.length)
    assert.ok(runtime.asked.length >= inOneSecond && runtime.asked.length <= inOneSecond + inTheNext)
    assert.equal(tracker.counters().claimsRefused, 50 - runtime.asked.length)
  })

  it('gives late events of a container that is gone its name', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A))
    runtime.hold()
    tracker.cgroupCreated(10n, 0, `/docker/${A}`)
    tracker.cgroupRemoved(10n, 0)
    runtime.release()
    await waitFor('the answer', () => tracker.membershipOf(10n, false).containerId === A)
    assert.equal(events.find(({ type }) => type === 'facts')?.cgroupId, '10')
  })

  it('says why there are no facts: removed while it was asked for', async () => {
    await start()
    created(A)
    tracker.cgroupCreated(10n, 0, `/docker/${A}`)
    runtime.tell({ type: 'stopped', containerId: A, exitCode: 0 })
    runtime.tell({ type: 'removed', containerId: A })
    await waitFor('the word', () => types().includes('facts'))
    const facts = events.find(({ type }) => type === 'facts')
    assert.equal(facts?.facts, null)
    assert.match(facts.reason ?? '', /removed/)
    assert.equal(facts.cgroupId, '10')
    assert.equal(tracker.membershipOf(10n, false).containerId, A)
  })

  it('says why there are no facts: no answer, after as many questions as it is told to ask', async () => {
    await start([V2], { maxAttempts: 2 })
    runtime.tell({ type: 'connected' })
    runtime.isAway = true
    created(A)
    await waitFor('the word', () => types().includes('facts'))
    assert.match(events[0]?.reason ?? '', /answer/)
    assert.equal(runtime.asked.length, 2)
    assert.equal(tracker.counters().asksFailed, 1)
  })

  it('asks a runtime that is away once, and for everything when it is back', async () => {
    runtime.isAway = true
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    await start()
    tracker.cgroupCreated(10n, 0, `/docker/${A}`)
    await waitFor('the question', () => tracker.counters().asksFailed === 1)
    assert.equal(runtime.asked.length, 1)
    assert.deepEqual(tracker.membershipOf(10n, false), { path: `/docker/${A}`, claim: A, containerId: null }, 'a name alone is a claim')
    runtime.isAway = false
    runtime.tell({ type: 'connected' })
    await waitFor('facts', () => types().includes('facts'))
    assert.equal(tracker.membershipOf(10n, false).containerId, A)
  })

  it('says that no runtime can be reached from an outage to the return', async () => {
    await start()
    assert.equal(tracker.isRuntimeAway, false)
    runtime.tell({ type: 'disconnected' })
    assert.equal(tracker.isRuntimeAway, true)
    runtime.tell({ type: 'connected' })
    assert.equal(tracker.isRuntimeAway, false)
  })

  it('asks again what runs when only the list failed, and the event stream stands', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    runtime.isAway = true
    runtime.tell({ type: 'connected' })
    await waitFor('the list', () => runtime.lists === 2)
    runtime.isAway = false
    await waitFor('facts', () => types().includes('facts'))
  })

  it('takes the answer of one runtime while another is away, and asks neither without end', async () => {
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
    tracker.cgroupCreated(10n, 0, `/docker/${A}`)
    tracker.cgroupCreated(11n, 0, `/docker/${B}`) // only the runtime that is away could know it
    await waitFor('the question', () => tracker.counters().asksFailed === 1)
    assert.equal(tracker.membershipOf(10n, false).containerId, A)
    assert.deepEqual(tracker.membershipOf(11n, false), { path: `/docker/${B}`, claim: B, containerId: null })
    assert.deepEqual(away.asked, [B]) // who told of A answers for it
  })

  it('finds what ended between the first look and the first opening of the event stream', async () => {
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    await start()
    assert.deepEqual(types(), ['facts'])
    runtime.known.set(A, fakeContainer(A, { exitCode: 3 }))
    runtime.tell({ type: 'connected' })
    await waitFor('the end', () => types().includes('stopped'))
    assert.equal(events.at(-1)?.exitCode, 3)
  })

  it('takes a container that comes back under its name for a new one', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    began(A)
    await waitFor('the first', () => types().includes('started'))
    runtime.tell({ type: 'stopped', containerId: A, exitCode: 0 })
    runtime.tell({ type: 'removed', containerId: A })
    const first = fakeContainer(A)
    runtime.known.set(A, { ...first, initPid: 6, facts: { ...first.facts, image: 'app:2' } })
    began(A)
    await waitFor('the second', () => types().filter((type) => type === 'started').length === 2)
    assert.equal(events.at(-1)?.facts?.image, 'app:2')
    assert.equal(events.at(-1)?.initPid, 6)
  })

  it('finds behind an outage what ended in it', async () => {
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    runtime.known.set(B, fakeContainer(B, { initPid: 6 }))
    await start()
    runtime.tell({ type: 'connected' })
    await waitFor('both', () => types().filter((type) => type === 'facts').length === 2)
    runtime.tell({ type: 'disconnected' })
    runtime.known.set(A, fakeContainer(A, { exitCode: 137, isOomKilled: true }))
    runtime.known.delete(B)
    runtime.tell({ type: 'connected' })
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
    runtime.tell({ type: 'stopped', containerId: A, exitCode: 137 })
    runtime.tell({ type: 'removed', containerId: B })
    assert.equal(events.length, 5) // told already
  })

  it('tells the first process of a start by an answer that is not older than the start', async () => {
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

  it('tells a start before the end, also when nothing was answered between', async () => {
    await start()
    runtime.known.set(A, fakeContainer(A, { exitCode: 1 }))
    runtime.hold()
    began(A)
    runtime.tell({ type: 'oom', containerId: A })
    runtime.tell({ type: 'stopped', containerId: A, exitCode: 1 })
    runtime.release()
    await waitFor('facts', () => types().includes('facts'))
    assert.deepEqual(types(), ['started', 'stopped', 'facts'])
    assert.deepEqual([events[0]?.initPid, events[1]?.exitCode, events[1]?.isOomKilled], [null, 1, true])
  })

  it('takes the cgroup of v2 on a hybrid host, and ids of v1 for membership only', async () => {
    await start([V2, V1])
    runtime.known.set(A, fakeContainer(A))
    created(A)
    tracker.cgroupCreated(30n, 8, `/docker/${A}`)
    assert.deepEqual(types(), [])
    tracker.cgroupCreated(40n, 0, `/docker/${A}`)
    await waitFor('facts', () => types().includes('facts'))
    assert.deepEqual(
      events.map(({ cgroupId }) => cgroupId),
      ['40', '40'],
    )
    assert.equal(tracker.membershipOf(30n, true).containerId, A)
    assert.equal(tracker.membershipOf(40n, false).containerId, A)
  })

  it('publishes a path without an id where only v1 is', async () => {
    await start([V1])
    runtime.known.set(A, fakeContainer(A))
    created(A)
    tracker.cgroupCreated(30n, 8, `/docker/${A}`)
    await waitFor('facts', () => types().includes('facts'))
    assert.deepEqual(
      events.map(({ cgroupId, cgroupPath }) => [cgroupId, cgroupPath]),
      [
        [null, `/docker/${A}`],
        [null, `/docker/${A}`],
      ],
    )
  })

  it('publishes the facts of what runs again and again', async () => {
    runtime.known.set(A, fakeContainer(A, { initPid: 5 }))
    await start([V2], { snapshotIntervalMs: 5 })
    await waitFor('three snapshots', () => events.length >= 4)
    assert.ok(types().every((type) => type === 'facts'))
    runtime.tell({ type: 'stopped', containerId: A, exitCode: 0 })
    runtime.tell({ type: 'removed', containerId: A })
    assert.deepEqual(types().slice(-2), ['stopped', 'removed'])
  })

  it('refuses containers over its bound, and counts them', async () => {
    await start([V2], { maxContainers: 1 })
    created(A)
    created(B)
    assert.equal(tracker.counters().containers, 1)
    assert.equal(tracker.counters().containersRefused, 1)
  })

  it('ends once, closes its runtimes, and tells nothing more', async () => {
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
})
