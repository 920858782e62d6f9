import assert from 'node:assert/strict'
import { EunomiaError } from '../../../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { Metrics } from '../../../../infra/process/metrics.js'
import { ContainerLookup, type ContainerQuestion } from '../../../../processors/membership/container-lookup.js'
import { cgroupKey, factsKey, pathKey, processKey, type MembershipKey } from '../../../../processors/membership/membership-key.js'
import { valueReader, Membership } from '../../../../processors/membership/membership.js'
import { MemoryStore } from '../../../../processors/membership/memory-store.js'
import type { MembershipEntry, MembershipStore } from '../../../../processors/membership/store.js'
import { Codec } from '../../../../schemas/codec.js'
import type { ContainerEvent } from '../../../../schemas/generated/types.js'
import { sampleContainerFacts, sampleOrigin } from '../../../support/records/sample-records.js'

const CODEC = new Codec()
const ORIGIN = sampleOrigin()
const ID = 'c'.repeat(64)
const OTHER_ID = 'd'.repeat(64)

class AwayError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_UNREACHABLE'
  static override readonly isRetryable = true
}

/** A memory store that counts its reads, and can be unavailable. */
class WatchedStore implements MembershipStore {
  readonly inner = new MemoryStore()
  readonly reads: string[][] = []
  isAway = false

  write(entries: readonly MembershipEntry[]): Promise<void> {
    return this.inner.write(entries)
  }
  read(keys: readonly MembershipKey[]): Promise<readonly (Uint8Array | null)[]> {
    this.reads.push(keys.map(({ text }) => text))
    return this.isAway ? Promise.reject(new AwayError('away')) : this.inner.read(keys)
  }
}

const question = (change: Partial<ContainerQuestion['process']>): ContainerQuestion => ({
  origin: ORIGIN,
  process: {
    containerId: null,
    containerClaim: null,
    isContainerUnknown: false,
    cgroupId: '10563',
    cgroupPath: null,
    pid: 42,
    startBootUs: 7,
    ...change,
  },
})

function factsEntry(containerId: string, name: string): MembershipEntry {
  const event: ContainerEvent = {
    type: 'facts',
    containerId,
    runtime: 'docker',
    facts: sampleContainerFacts({ name }),
    cgroupId: null,
    cgroupPath: null,
    initPid: null,
    exitCode: null,
    isOomKilled: null,
    reason: null,
    origin: ORIGIN,
  }
  return { key: factsKey(ORIGIN, containerId), bootTimeUs: 1, value: CODEC.encode('container', event) }
}

describe('container lookup', () => {
  let store: WatchedStore
  let membership: Membership
  let metrics: Metrics
  let nowMs: number

  beforeEach(() => {
    store = new WatchedStore()
    metrics = new Metrics()
    nowMs = 0
    const options = { unknownMs: 100, pauseMs: 250, nowMs: () => nowMs }
    membership = new Membership(store, valueReader(CODEC), metrics, SILENT_LOGGER, options)
  })

  it('knows a process without container id and claim as one of the host, without a read', async () => {
    const lookup = new ContainerLookup(membership)
    lookup.ask(question({}))
    assert.equal(lookup.isComplete, true)
    await lookup.load()
    assert.deepEqual(lookup.knowledgeOf(question({})), { state: 'host' })
    assert.deepEqual(store.reads, [])
  })

  it('returns the facts of a confirmed container', async () => {
    await store.write([factsEntry(ID, 'web')])
    const lookup = new ContainerLookup(membership)
    lookup.ask(question({ containerId: ID }))
    assert.equal(lookup.isComplete, false)
    assert.equal(await lookup.load(), true)
    const knowledge = lookup.knowledgeOf(question({ containerId: ID }))
    assert.deepEqual(knowledge, { state: 'known', containerId: ID, facts: sampleContainerFacts({ name: 'web' }) })
  })

  it('calls a confirmed container without facts unknown, with its id', async () => {
    const lookup = new ContainerLookup(membership)
    lookup.ask(question({ containerId: ID }))
    assert.equal(await lookup.load(), true)
    assert.deepEqual(lookup.knowledgeOf(question({ containerId: ID })), { state: 'unknown', containerId: ID })
  })

  it('believes no claim: only a cgroup that was confirmed leads to a container, whatever the claim says', async () => {
    const claimed = question({ containerClaim: OTHER_ID, cgroupId: '77' })
    await store.write([factsEntry(OTHER_ID, 'victim')])
    const before = new ContainerLookup(membership)
    before.ask(claimed)
    await before.load()
    assert.deepEqual(before.knowledgeOf(claimed), { state: 'unknown', containerId: null })

    await store.write([{ key: cgroupKey(ORIGIN, '77'), bootTimeUs: 1, value: Buffer.from(ID) }, factsEntry(ID, 'true one')])
    nowMs = 200
    const after = new ContainerLookup(membership)
    after.ask(claimed)
    await after.load()
    assert.deepEqual(after.knowledgeOf(claimed), { state: 'known', containerId: ID, facts: sampleContainerFacts({ name: 'true one' }) })
  })

  it('treats a claim as forged, and its process as one of the host, when the claimed container has its cgroup elsewhere', async () => {
    const look = async (cgroupPath: string | null): Promise<ReturnType<ContainerLookup['knowledgeOf']>> => {
      const lookup = new ContainerLookup(membership)
      const claimed = question({ containerClaim: OTHER_ID, cgroupPath })
      lookup.ask(claimed)
      await lookup.load()
      return lookup.knowledgeOf(claimed)
    }
    const own = `/docker/${OTHER_ID}`
    await store.write([factsEntry(OTHER_ID, 'victim'), { key: pathKey(ORIGIN, OTHER_ID), bootTimeUs: 1, value: Buffer.from(own) }])
    for (const path of [`/user/docker/${OTHER_ID}`, `${own}-2`, '/']) assert.deepEqual(await look(path), { state: 'host' }, path)
    assert.deepEqual(await look(null), { state: 'unknown', containerId: null })
  })

  it('knows the container of a process that has no entry and moved into a cgroup below, before the collector confirms it again', async () => {
    await store.write([
      factsEntry(ID, 'web'),
      { key: cgroupKey(ORIGIN, '77'), bootTimeUs: 1, value: Buffer.from(ID) },
      { key: pathKey(ORIGIN, ID), bootTimeUs: 1, value: Buffer.from('/system.slice/docker.scope') },
    ])
    for (const cgroupPath of ['/system.slice/docker.scope', '/system.slice/docker.scope/init', '/system.slice/docker.scope/a/b']) {
      const lookup = new ContainerLookup(membership)
      const moved = question({ containerClaim: ID, cgroupId: '78', cgroupPath })
      lookup.ask(moved)
      await lookup.load()
      const known = { state: 'known', containerId: ID, facts: sampleContainerFacts({ name: 'web' }) }
      assert.deepEqual(lookup.knowledgeOf(moved), known, cgroupPath)
    }
  })

  describe('of a cgroup that is named after a container, when no more facts are awaited', () => {
    const decided = async (change: Partial<ContainerQuestion['process']>): Promise<ReturnType<ContainerLookup['decided']>> => {
      const lookup = new ContainerLookup(new Membership(store, valueReader(CODEC), metrics, SILENT_LOGGER, {}))
      lookup.ask(question(change))
      await lookup.load()
      return lookup.decided(question(change))
    }
    const claimed = { containerClaim: OTHER_ID, cgroupPath: '/elsewhere' }
    const undecided = { state: 'absent', containerId: undefined, isClaimed: false }

    it('believes a name that no runtime knows', async () => {
      assert.deepEqual(await decided(claimed), { state: 'absent', containerId: OTHER_ID, isClaimed: true })
    })
    it('is neither of a real container nor of the host while the cgroup of that one is not known', async () => {
      await store.write([factsEntry(OTHER_ID, 'victim')])
      assert.deepEqual(await decided(claimed), undecided)
      await store.write([{ key: pathKey(ORIGIN, OTHER_ID), bootTimeUs: 1, value: Buffer.from(`/docker/${OTHER_ID}`) }])
      assert.deepEqual(await decided(claimed), { state: 'host' })
      assert.equal((await decided({ ...claimed, cgroupPath: `/docker/${OTHER_ID}/below` })).state, 'known')
      assert.deepEqual(await decided({ ...claimed, cgroupPath: null }), undecided)
    })
    it('of the host without a name, and undecided when the cgroup was never known', async () => {
      assert.deepEqual(await decided({}), { state: 'host' })
      assert.deepEqual(await decided({ isContainerUnknown: true }), undecided)
    })
    it('of a confirmed container without facts', async () => {
      assert.deepEqual(await decided({ ...claimed, containerId: ID }), { state: 'absent', containerId: ID, isClaimed: false })
    })
  })

  describe('of a cgroup that is named after another container, below that of a container', () => {
    const nested = question({ containerClaim: OTHER_ID, cgroupPath: `/docker/${ID}/system.slice/docker-${OTHER_ID}.scope` })
    const look = async (asked = nested): Promise<ContainerLookup> => {
      const lookup = new ContainerLookup(new Membership(store, valueReader(CODEC), metrics, SILENT_LOGGER, {}))
      lookup.ask(asked)
      await lookup.load()
      return lookup
    }
    const ownPath = (id: string, path: string): MembershipEntry => ({ key: pathKey(ORIGIN, id), bootTimeUs: 1, value: Buffer.from(path) })
    beforeEach(async () => {
      await store.write([factsEntry(OTHER_ID, 'victim'), ownPath(OTHER_ID, `/docker/${OTHER_ID}`)])
    })

    it('leaves the process unknown, and never of the host, while the outer container may be real', async () => {
      const lookup = await look()
      assert.deepEqual(lookup.knowledgeOf(nested), { state: 'unknown', containerId: null })
      assert.deepEqual(lookup.decided(nested), { state: 'absent', containerId: ID, isClaimed: true })
    })
    it('knows the outer container once a runtime reported it', async () => {
      await store.write([factsEntry(ID, 'web'), ownPath(ID, `/docker/${ID}`)])
      const known = { state: 'known', containerId: ID, facts: sampleContainerFacts({ name: 'web' }) }
      assert.deepEqual((await look()).knowledgeOf(nested), known)
    })
    it('waits for an inner container that no runtime knows yet, and is of the confirmed outer one in the end', async () => {
      const invented = 'e'.repeat(64)
      const below = `/docker/${ID}/system.slice/docker-${invented}.scope`
      const asked = question({ containerClaim: invented, cgroupPath: below })
      await store.write([ownPath(ID, `/docker/${ID}`)])
      assert.deepEqual((await look(asked)).knowledgeOf(asked), { state: 'unknown', containerId: null })
      assert.deepEqual((await look(asked)).decided(asked), { state: 'absent', containerId: ID, isClaimed: false })
      await store.write([factsEntry(ID, 'web')])
      const known = { state: 'known', containerId: ID, facts: sampleContainerFacts({ name: 'web' }) }
      assert.deepEqual((await look(asked)).decided(asked), known)
      await store.write([factsEntry(invented, 'inner')])
      assert.deepEqual((await look(asked)).decided(asked), known)
      await store.write([ownPath(invented, below)])
      assert.deepEqual((await look(asked)).decided(asked), {
        ...known,
        containerId: invented,
        facts: sampleContainerFacts({ name: 'inner' }),
      })
    })
    it('is of the host when the outer claim is refuted, too', async () => {
      await store.write([factsEntry(ID, 'web'), ownPath(ID, `/elsewhere/${ID}`)])
      assert.deepEqual((await look()).knowledgeOf(nested), { state: 'host' })
    })
    it('is never of the host when it has more names than are looked up, which is counted', async () => {
      const names = Array.from({ length: 400 }, (_, index) => `docker-${index.toString(16).padStart(64, 'e')}.scope`)
      const ids = names.map((name) => name.slice('docker-'.length, -'.scope'.length))
      await store.write(ids.flatMap((id) => [factsEntry(id, id), ownPath(id, `/docker/${id}`)]))
      const deep = question({ containerClaim: ids.at(-1) ?? '', cgroupPath: `/${names.join('/')}` })
      const lookup = await look(deep)
      assert.deepEqual(lookup.knowledgeOf(deep), { state: 'unknown', containerId: null })
      assert.equal(lookup.decided(deep).state, 'absent')
      assert.match(await metrics.text(), /^eunomia_membership_claims_cut_total 1$/m)
    })
  })

  it('believes a claim when another event of the same process came from that container, and no other one', async () => {
    const look = async (claim: string, pid: number): Promise<ReturnType<ContainerLookup['knowledgeOf']>> => {
      const lookup = new ContainerLookup(membership)
      const claimed = question({ containerClaim: claim, pid })
      lookup.ask(claimed)
      await lookup.load()
      return lookup.knowledgeOf(claimed)
    }
    await store.write([factsEntry(ID, 'web'), factsEntry(OTHER_ID, 'victim')])
    await store.write([{ key: processKey(ORIGIN, 42, 7), bootTimeUs: 1, value: Buffer.from(ID) }])
    assert.deepEqual(await look(ID, 42), { state: 'known', containerId: ID, facts: sampleContainerFacts({ name: 'web' }) })
    assert.deepEqual(await look(OTHER_ID, 42), { state: 'unknown', containerId: null })
    assert.deepEqual(await look(ID, 43), { state: 'unknown', containerId: null })
  })

  it('asks the store once for the distinct containers of a batch, and never again for what is known', async () => {
    await store.write([factsEntry(ID, 'web'), factsEntry(OTHER_ID, 'db')])
    for (let batch = 0; batch < 3; batch++) {
      const lookup = new ContainerLookup(membership)
      for (let event = 0; event < 100; event++) lookup.ask(question({ containerId: event % 2 === 0 ? ID : OTHER_ID }))
      if (!lookup.isComplete) await lookup.load()
      assert.equal(lookup.knowledgeOf(question({ containerId: OTHER_ID })).state, 'known')
    }
    assert.deepEqual(store.reads, [[factsKey(ORIGIN, ID).text, factsKey(ORIGIN, OTHER_ID).text]])
  })

  it('asks again for what was not yet known only after a short time', async () => {
    const look = async (): Promise<string> => {
      const lookup = new ContainerLookup(membership)
      lookup.ask(question({ containerId: ID }))
      await lookup.load()
      return lookup.knowledgeOf(question({ containerId: ID })).state
    }
    assert.equal(await look(), 'unknown')
    await store.write([factsEntry(ID, 'web')])
    assert.equal(await look(), 'unknown')
    assert.equal(store.reads.length, 1)
    nowMs = 100
    assert.equal(await look(), 'known')
  })

  it('reads the container of a cgroup again after 30 seconds, and uses the old answer while the store is unavailable', async () => {
    const containerOf = async (): Promise<string | null | undefined> => {
      const lookup = new ContainerLookup(membership)
      const claimed = question({ containerClaim: ID, cgroupId: '77' })
      lookup.ask(claimed)
      if (!lookup.isComplete) await lookup.load()
      const knowledge = lookup.knowledgeOf(claimed)
      return knowledge.state === 'host' ? 'host' : knowledge.containerId
    }
    await store.write([factsEntry(ID, 'web'), { key: cgroupKey(ORIGIN, '77'), bootTimeUs: 1, value: Buffer.from(ID) }])
    assert.equal(await containerOf(), ID)
    await store.write([factsEntry(OTHER_ID, 'db'), { key: cgroupKey(ORIGIN, '77'), bootTimeUs: 2, value: Buffer.from(OTHER_ID) }])
    nowMs = 29_999
    assert.equal(await containerOf(), ID)
    store.isAway = true
    nowMs = 30_000
    assert.equal(await containerOf(), ID)
    store.isAway = false
    nowMs = 31_000
    assert.equal(await containerOf(), OTHER_ID)
  })

  it('reports that the store is unavailable, continues from the cache, and pauses its reads', async () => {
    await store.write([factsEntry(ID, 'web')])
    const first = new ContainerLookup(membership)
    first.ask(question({ containerId: ID }))
    await first.load()

    store.isAway = true
    for (let batch = 0; batch < 5; batch++) {
      const lookup = new ContainerLookup(membership)
      lookup.ask(question({ containerId: ID }))
      lookup.ask(question({ containerId: OTHER_ID }))
      assert.equal(await lookup.load(), false)
      assert.equal(lookup.knowledgeOf(question({ containerId: ID })).state, 'known')
      assert.equal(lookup.knowledgeOf(question({ containerId: OTHER_ID })).state, 'unknown')
    }
    assert.equal(store.reads.length, 2)
    assert.match(await metrics.text(), /^eunomia_membership_reads_failed_total 1$/m)

    store.isAway = false
    nowMs = 250
    const back = new ContainerLookup(membership)
    back.ask(question({ containerId: OTHER_ID }))
    assert.equal(await back.load(), true)
  })

  it('doubles the pause while the store stays unavailable, up to five seconds', async () => {
    store.isAway = true
    const askedAt: number[] = []
    for (nowMs = 0; nowMs <= 20_000; nowMs += 50) {
      const before = store.reads.length
      const lookup = new ContainerLookup(membership)
      lookup.ask(question({ containerId: ID }))
      await lookup.load()
      if (store.reads.length > before) askedAt.push(nowMs)
    }
    assert.deepEqual(askedAt, [0, 250, 750, 1_750, 3_750, 7_750, 12_750, 17_750])
  })

  it('treats an unreadable entry as absent, and counts it', async () => {
    await store.write([{ key: factsKey(ORIGIN, ID), bootTimeUs: 1, value: Buffer.from('rubbish') }])
    const lookup = new ContainerLookup(membership)
    lookup.ask(question({ containerId: ID }))
    assert.equal(await lookup.load(), true)
    assert.deepEqual(lookup.knowledgeOf(question({ containerId: ID })), { state: 'unknown', containerId: ID })
    assert.match(await metrics.text(), /^eunomia_membership_unreadable_total 1$/m)
  })

  it('leaves the container of an origin without UUIDs unknown, asks the store nothing, and counts it', async () => {
    const lookup = new ContainerLookup(membership)
    for (const change of [{ hostId: 'x}{' }, { hostId: '' }, { bootId: 'b:facts' }])
      for (const process of [{ containerId: ID }, { containerClaim: ID }]) {
        const hostile = { ...question(process), origin: sampleOrigin(change) }
        lookup.ask(hostile)
        assert.equal(lookup.knowledgeOf(hostile).state, 'unknown')
      }
    assert.equal(lookup.isComplete, true)
    assert.equal(await lookup.load(), true)
    assert.deepEqual(store.reads, [])
    assert.match(await metrics.text(), /^eunomia_membership_origins_refused_total 6$/m)
  })

  it('answers for more containers in one batch than the near-cache holds', async () => {
    const small = new Membership(store, valueReader(CODEC), new Metrics(), SILENT_LOGGER, { maxEntries: 2 })
    const ids = Array.from({ length: 10 }, (_, index) => String(index).repeat(64))
    await store.write(ids.map((id) => factsEntry(id, id)))
    const lookup = new ContainerLookup(small)
    for (const id of ids) lookup.ask(question({ containerId: id }))
    await lookup.load()
    for (const id of ids) assert.equal(lookup.knowledgeOf(question({ containerId: id })).state, 'known')
  })
})
