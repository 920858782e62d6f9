import assert from 'node:assert/strict'
import { FILTER_NUMBERS, KIND, OPEN_WAY } from '../../../../native/generated/layout.js'
import { eventFiltersOf, NO_EVENT_FILTERS } from '../../../../collector/watch/event-filters.js'
import { FilterSwitch, type CgroupSource, leftOutCgroups, type FilterableCgroup } from '../../../../collector/watch/filter-switch.js'
import { KindSwitch } from '../../../../collector/watch/kind-switch.js'
import type { PlannedFilters, PlannedOpen } from '../../../../collector/watch/planned-filters.js'
import { trackerNamed } from '../../../../collector/watch/trackers.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { KernelFilters } from '../../../../native/kernel-control.js'

const { read: READ, write: WRITE, created: CREATED, setId: SET_ID } = OPEN_WAY
const OPEN: PlannedOpen = { outcome: null, intents: null, paths: null, givenPaths: null }
const planOf = (...opens: PlannedOpen[]): PlannedFilters => ({ succeeded: new Set([KIND.open]), failed: new Set([KIND.open]), opens })

describe('FilterSwitch', () => {
  let set: KernelFilters[] = []
  const source = { setFilters: (filters: KernelFilters) => void set.push(filters) }
  const kinds = new KindSwitch({})
  const make = (ofKinds = new KindSwitch({})): FilterSwitch => new FilterSwitch(source, ofKinds, SILENT_LOGGER)
  const last = (): KernelFilters => set.at(-1) ?? assert.fail('nothing was set')
  beforeEach(() => (set = []))

  it('sets nothing at its start, and can filter only with a kernel', () => {
    assert.equal(make().canFilter, true)
    assert.deepEqual(set, [])
    assert.equal(new FilterSwitch({}, kinds, SILENT_LOGGER).canFilter, false)
  })

  it('suppresses opens whose mode no watch of the plan wants', () => {
    make().plan(planOf({ ...OPEN, intents: ['write'] }, { ...OPEN, intents: ['created'], outcome: 'succeeded' }))
    const { opened, openFailed } = last()
    assert.deepEqual(
      [0, READ, WRITE, READ | WRITE, CREATED, READ | CREATED].map((way) => [opened[way], openFailed[way]]),
      [
        ['leftOut', 'leftOut'],
        ['leftOut', 'leftOut'],
        ['emitted', 'emitted'],
        ['emitted', 'emitted'],
        ['emitted', 'leftOut'],
        ['emitted', 'leftOut'],
      ],
    )
  })

  it('reports each new file with a set-user-id bit, and others by their path', () => {
    make().plan(planOf({ ...OPEN, intents: ['setId'] }, { ...OPEN, intents: ['write'], paths: [{ kind: 'prefix', text: '/etc' }] }))
    const { opened } = last()
    assert.deepEqual(
      [READ, WRITE, WRITE | CREATED, READ | SET_ID, WRITE | CREATED | SET_ID].map((way) => opened[way]),
      ['leftOut', 'byPath', 'byPath', 'emitted', 'emitted'],
    )
  })

  it('requests verdicts on paths only where they decide, per open mode', () => {
    const filters = make()
    filters.plan(
      planOf(
        { ...OPEN, intents: ['read'], paths: [{ kind: 'path', text: '/etc/shadow' }] },
        { ...OPEN, intents: ['write'], paths: [{ kind: 'prefix', text: '/etc' }] },
      ),
    )
    const { opened, openFailed } = last()
    assert.deepEqual([opened[0], opened[READ], opened[WRITE], openFailed[READ]], ['leftOut', 'byPath', 'byPath', 'emitted'])
    const wants = filters.verdicts.wants ?? assert.fail('no path is evaluated')
    const asked = (path: string, way: number): boolean => wants(path, '', way)
    assert.deepEqual([asked('/etc/shadow', READ), asked('/etc/passwd', READ), asked('/etc/passwd', WRITE)], [true, false, true])
    assert.equal(asked('/etc/passwd', READ | WRITE), true)
  })

  it('requests verdicts on path arguments where a watch has only these, with the paths of the others', () => {
    const filters = make()
    filters.plan(
      planOf(
        { ...OPEN, intents: ['read'], givenPaths: [{ kind: 'glob', text: '*/proc/[0-9]*/root/*' }] },
        { ...OPEN, intents: ['read'], paths: [{ kind: 'path', text: '/etc/shadow' }], givenPaths: [{ kind: 'path', text: 'shadow' }] },
        { ...OPEN, intents: ['write'], paths: [{ kind: 'prefix', text: '/etc' }] },
      ),
    )
    assert.deepEqual([last().opened[READ], last().opened[WRITE]], ['byArgument', 'byPath'])
    const wants = filters.verdicts.wants ?? assert.fail('no path is evaluated')
    const asked = (path: string, argument: string): boolean => wants(path, argument, READ)
    assert.deepEqual([asked('/x', '/proc/1/root/x'), asked('/x', '/x'), asked('/etc/shadow', 'gshadow')], [true, false, false])
    assert.equal(asked('/proc/1/root/x', 'x'), false)
    assert.equal(asked('/etc/shadow', 'shadow'), true)
    assert.equal(asked('/x', '//proc///1//root//x'), true, 'as rules see it')
  })

  it('requests verdicts on path arguments only of the paths that a watch wants with some argument', () => {
    const filters = make()
    const givenPaths = [{ kind: 'glob', text: '*../*../*' }] as const
    filters.plan(
      planOf({ ...OPEN, paths: [{ kind: 'prefix', text: '/etc/' }], givenPaths }, { ...OPEN, paths: [{ kind: 'name', text: 'key' }] }),
    )
    assert.equal(last().opened[READ], 'byBoth')
    const wants = filters.verdicts.wants ?? assert.fail('no path is evaluated')
    const asked = (path: string, argument: string | null): boolean => wants(path, argument, READ)
    assert.deepEqual([asked('/etc/hosts', null), asked('/usr/key', null), asked('/usr/hosts', null)], [true, true, false])
    assert.deepEqual(
      [asked('/etc/hosts', '/etc/hosts'), asked('/etc/hosts', '../../etc/hosts'), asked('/usr/key', 'key')],
      [false, true, true],
    )
  })

  it('reports in full what a user started, whatever the plan says, and invalidates verdicts with each plan', () => {
    const ofKinds = new KindSwitch({})
    const filters = make(ofKinds)
    filters.plan({ ...planOf({ ...OPEN, intents: ['write'] }), failed: new Set() })
    const before = last().pathRevision
    ofKinds.set(trackerNamed('opens') ?? assert.fail(), true)
    assert.deepEqual([new Set(last().opened), last().failed?.has(KIND.open)], [new Set(['emitted']), true])
    assert.equal(last().pathRevision, before)
    filters.plan(null)
    assert.notEqual(last().pathRevision, before)
    assert.deepEqual([last().succeeded, last().failed], [null, null])
  })

  it("narrows a plan by a user's outcome", () => {
    const filters = make()
    filters.plan(planOf(OPEN))
    filters.set(eventFiltersOf([], [], 'failed'))
    assert.deepEqual([last().succeeded, last().failed], [new Set(), new Set([KIND.open])])
  })

  it('keeps the previous filters when the kernel refuses', () => {
    let isRefusing = false
    const refusing = new FilterSwitch(
      {
        setFilters: () => {
          if (isRefusing) throw new Error('E2BIG')
        },
      },
      kinds,
      SILENT_LOGGER,
    )
    refusing.set(eventFiltersOf(['pid=7'], [], 'all'))
    isRefusing = true
    assert.throws(() => refusing.set(NO_EVENT_FILTERS), /E2BIG/)
    assert.deepEqual(refusing.filters.only.pid, [7])
    assert.throws(() => refusing.plan(planOf()), /E2BIG/)
    assert.equal(refusing.planned, null)
  })

  it('suppresses no cgroup by filters that the kernel refused', () => {
    let isRefusing = false
    const refusing = new FilterSwitch(
      {
        setFilters: (filters) => {
          if (isRefusing) throw new Error('EIO')
          set.push(filters)
        },
      },
      kinds,
      SILENT_LOGGER,
    )
    const host = { kind: 'v2' as const, cgroupId: 1n, membership: { claim: null, containerId: null } }
    refusing.followContainers({ cgroups: () => [host], identityOf: () => null })
    isRefusing = true
    assert.throws(() => refusing.set(eventFiltersOf([], ['container=host'], 'all')), /EIO/)
    isRefusing = false
    refusing.plan(null)
    assert.deepEqual([last().numbers, refusing.cgroupsLeftOut], [[], 0])
    refusing.stop()
  })

  it('suppresses the cgroups of containers once they are known, and counts those above the bound', () => {
    const filters = make()
    filters.set(eventFiltersOf([], ['container=host'], 'all'))
    assert.deepEqual(last().numbers, [])
    const room = FILTER_NUMBERS / 2
    const cgroups = Array.from({ length: room + 3 }, (_none, index) => {
      return {
        kind: index === 0 ? ('v1' as const) : ('v2' as const),
        cgroupId: BigInt(index + 1),
        membership: { claim: null, containerId: null },
      }
    })
    const known: CgroupSource = { cgroups: () => cgroups, identityOf: () => null }
    filters.followContainers(known)
    assert.deepEqual(last().numbers.slice(0, 2), [
      { filter: 'cgroup', number: 1n, isV1: true, mode: 'except' },
      { filter: 'cgroup', number: 2n, isV1: false, mode: 'except' },
    ])
    assert.equal(last().numbers.length, room)
    assert.deepEqual(filters.counters, { cgroups: room, cgroupsRefused: 3, pathsEvaluated: 0 })
    filters.stop()
  })
})

const WEB = 'a'.repeat(64)
const NAMELESS = 'b'.repeat(64)
const cgroup = (cgroupId: bigint, claim: string | null, containerId: string | null): FilterableCgroup => ({
  kind: 'v2',
  cgroupId,
  membership: { claim, containerId },
})
const HOST = cgroup(1n, null, null)
const OF_WEB = cgroup(2n, WEB, WEB)
const BELOW_WEB = cgroup(3n, null, WEB)
const ONLY_CLAIMED = cgroup(4n, WEB, null)
const OF_NAMELESS = cgroup(5n, NAMELESS, NAMELESS)
const DIGEST = `sha256:${'d'.repeat(64)}`
const IDENTITY = { name: 'web', runtime: 'docker', isOfRoot: true, isOfPod: false, images: [DIGEST] }
const SOURCE: CgroupSource = {
  cgroups: () => [HOST, OF_WEB, BELOW_WEB, ONLY_CLAIMED, OF_NAMELESS],
  identityOf: (id) => (id === WEB ? IDENTITY : null),
}

describe('cgroups that filters by container suppress', () => {
  const leftOut = (only: string[], except: string[]): bigint[] =>
    leftOutCgroups(
      eventFiltersOf(
        only.map((name) => `container=${name}`),
        except.map((name) => `container=${name}`),
        'all',
      ),
      SOURCE,
    ).map(({ cgroupId }) => cgroupId)

  for (const [what, only, except, expected] of [
    ['none without a filter', [], [], []],
    ['those of a runtime and a name, with all below', [], ['docker/web'], [2n, 3n]],
    ['none of that name in another runtime', [], ['podman/web'], []],
    ['those of the digest of an image', [], [DIGEST], [2n, 3n]],
    ['those of the beginning of an id', [], ['aaaaaaaaaaaa'], [2n, 3n]],
    ['only others, when the beginning of an id is reported', ['aaaaaa'], [], [1n]],
    ['what is in none', [], ['host'], [1n]],
    ['only confirmed others, when one name is reported: a nameless or claimed container may be it', ['web'], [], [1n]],
    ['all others, when an id without a name is reported', [NAMELESS], [], [1n, 2n, 3n]],
    ['every known container, when only the host is reported', ['host'], [], [2n, 3n]],
    ['the exceptions among what is reported', ['web', 'host'], ['docker/web'], [2n, 3n]],
  ] as const) {
    it(`are ${what}`, () => {
      assert.deepEqual(leftOut([...only], [...except]), [...expected])
    })
  }

  it("are none of a name that a tenant chose: of a user's runtime, or in a pod", () => {
    for (const change of [{ isOfRoot: false }, { isOfPod: true }]) {
      const source = { ...SOURCE, identityOf: () => ({ ...IDENTITY, ...change }) }
      assert.deepEqual(leftOutCgroups(eventFiltersOf([], ['container=docker/web'], 'all'), source), [])
    }
  })
})
