import assert from 'node:assert/strict'
import { ListedBatch, type ListedRecord } from '../../../../../infra/topic-log/listed-batch.js'
import type { History } from '../../../../../processors/forensics/history/history.js'
import { ruleOfCondition } from '../../../../../processors/forensics/hunt/hunt-rules.js'
import { SliceRunner } from '../../../../../processors/forensics/hunt/run-slice.js'
import type { HuntPlan } from '../../../../../processors/forensics/hunt/hunt-plan.js'
import { correlation, programRule } from '../../../../support/correlation/program-rules.js'
import { PAST_US, PastScene } from '../../../../support/forensics/past-scene.js'
import { sampleContainerFacts, sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { TWO_RULES } from '../../../../support/records/test-rules.js'

const HOSTS = ['0b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11', '1b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e12', '2b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e13']
const [A = '', B = '', C = ''] = HOSTS
const CONTAINER = 'c'.repeat(64)
const CLAIMED = 'd'.repeat(64)
const ON_HOST = { containerId: null, containerClaim: null }

/** Opens of many files on three hosts, some of them of /etc/shadow, some in a container. */
function scene(): PastScene {
  const past = new PastScene()
  for (let second = 0; second < 90; second++) {
    const hostId = HOSTS[second % 3] ?? A
    const origin = past.origin(second, { hostId })
    const path = second % 10 === 0 ? '/etc/shadow' : `/tmp/${String(second)}`
    past.append('file', sampleFileEvent({ path, origin, process: sampleProcess(second % 4 === 0 ? ON_HOST : { containerId: CONTAINER }) }))
  }
  const facts = sampleContainerFacts({ name: 'bad', imageRepository: 'bad' })
  // It comes after the events, as of a runtime that is slow.
  for (const hostId of HOSTS) past.append('container', past.facts(CONTAINER, 95, { facts, origin: past.origin(95, { hostId, cpu: -1 }) }))
  return past
}

function shuffled(count: number, seed: number): number[] {
  return [...Array.from({ length: count }).keys()].sort((a, b) => ((a * seed + 7) % 31) - ((b * seed + 7) % 31))
}

describe('processors/forensics a hunt', () => {
  it('finds what live detection finds, with the facts that came late', async () => {
    const past = scene()
    const { alerts, result } = await past.hunt(await past.plan(TWO_RULES))
    const inContainer = [...Array.from({ length: 90 }).keys()].filter((second) => second % 4 !== 0).length
    const onHost = [...Array.from({ length: 90 }).keys()].filter((second) => second % 20 === 0).length
    const rules = alerts.map(({ rule }) => rule)
    assert.equal(rules.filter((rule) => rule === 'image is bad').length, inContainer)
    assert.equal(rules.filter((rule) => rule === 'shadow was read').length, onHost)
    assert.ok(
      alerts
        .filter(({ rule }) => rule === 'image is bad')
        .every(({ container, facts }) => container?.name === 'bad' && facts === 'complete'),
    )
    assert.deepEqual([result.records, result.rows, result.slicesLeft, result.failed], [90, inContainer + onHost, 0, []])
  })

  it('gives the same bytes for any number of workers and order of slices, from topic and archive', async () => {
    const past = scene()
    const direct = await past.hunt(await past.plan(TWO_RULES))
    past.archiveAll('file', 7)
    past.archiveAll('container', 2)
    const sums = new Set<string>([direct.result.sha256])
    const hunt = async (plan: HuntPlan, workers: number, seed: number): Promise<void> => {
      const { result, alerts } = await past.hunt(plan, workers, shuffled(plan.slices.length, seed))
      assert.deepEqual(alerts, direct.alerts)
      sums.add(result.sha256)
    }
    const archived = await past.plan(TWO_RULES)
    assert.ok(archived.slices.length > 10 && archived.slices.every(({ object }) => object !== null))
    await hunt(archived, 1, 1)
    await hunt(archived, 4, 5)
    await hunt(archived, 16, 11)
    past.expire('file', 0.6)
    const mixed = await past.plan(TWO_RULES, { prefer: 'topic' })
    assert.ok(mixed.slices.some(({ object }) => object === null) && mixed.slices.some(({ object }) => object !== null))
    await hunt(mixed, 4, 3)
    // A plan is JSON.
    await hunt(JSON.parse(JSON.stringify(archived)) as HuntPlan, 2, 2)
    assert.equal(sums.size, 1)
  })

  it('counts a record that was sent twice once, and rows above the bound', async () => {
    const past = new PastScene()
    const process = sampleProcess(ON_HOST)
    for (let second = 0; second < 5; second++) {
      past.append('file', sampleFileEvent({ path: '/etc/shadow', process, origin: past.origin(second) }), second === 2 ? 3 : 1)
    }
    const { result, alerts } = await past.hunt(await past.plan(TWO_RULES))
    assert.deepEqual([result.rows, result.alerts, result.repeated, result.records], [5, 5, 2, 7])
    assert.equal(new Set(alerts.map(({ alertId }) => alertId)).size, 5)
    const few = await past.hunt(await past.plan(TWO_RULES, { mostRows: 2 }))
    assert.deepEqual(few.alerts, alerts.slice(0, 2))
    assert.ok(few.result.alerts > few.result.rows)
  })

  it('reads the process events of a host when nothing else names the container of a process', async () => {
    const past = new PastScene()
    const own = { containerId: CLAIMED, containerClaim: CLAIMED, pid: 77, startBootUs: 5_000_000 }
    past.append('process', sampleProcessEvent({ process: sampleProcess(own), origin: past.origin(1) }))
    // Later it is in a cgroup that is only named after its container.
    const process = sampleProcess({ ...own, containerId: null, cgroupId: '4711', cgroupPath: null })
    past.append('file', sampleFileEvent({ path: '/etc/shadow', process, origin: past.origin(2) }))
    past.append('container', past.facts(CLAIMED, 0, { facts: sampleContainerFacts({ name: 'mine' }) }))
    const { alerts } = await past.hunt(await past.plan(TWO_RULES))
    assert.deepEqual(
      alerts.map(({ rule, facts, container }) => [rule, facts, container?.name]),
      [['shadow was read', 'complete', 'mine']],
    )
  })

  it('is of some hosts, containers and images only, when asked', async () => {
    const past = scene()
    const of = async (change: Parameters<PastScene['plan']>[1]): Promise<Set<string>> => {
      const { alerts } = await past.hunt(await past.plan(TWO_RULES, change))
      return new Set(alerts.map(({ origin, container }) => `${origin.hostId.slice(0, 1)} ${container?.name ?? 'host'}`))
    }
    assert.deepEqual(await of({ hosts: [B] }), new Set(['1 bad', '1 host']))
    assert.deepEqual(await of({ containers: ['b*'] }), new Set(['0 bad', '1 bad', '2 bad']))
    assert.deepEqual(await of({ containers: [CONTAINER.slice(0, 12)], hosts: [C] }), new Set(['2 bad']))
    assert.deepEqual(await of({ images: ['nothing*'] }), new Set())
    const plan = await past.plan(TWO_RULES, { hosts: ['nobody', A] })
    assert.deepEqual([plan.unknownHosts, plan.keys], [['nobody', A], [A]])
    await assert.rejects(past.plan(TWO_RULES, { hosts: ['nobody'] }), /no heartbeat of that time is of nobody/)
  })

  it('correlates the matches of all slices in the order of events, and leaves windows open that the range does not end', async () => {
    const past = new PastScene()
    const rules = [
      programRule('a'),
      correlation('Often', 'type: event_count, rules: [a], group-by: [User], timespan: 1m, condition: {gte: 6}'),
    ]
    rules.push(correlation('Rarely', 'type: event_count, rules: [a], group-by: [User], timespan: 1h, condition: {lt: 100}'))
    for (let second = 0; second < 6; second++) {
      const process = sampleProcess({ ...ON_HOST, exePath: '/a', user: 'root' })
      past.append('process', sampleProcessEvent({ process, origin: past.origin(5 - second, { hostId: HOSTS[second % 3] ?? A }) }))
    }
    past.archiveAll('process', 1)
    const plan = await past.plan(rules.join('---\n'))
    const first = await past.hunt(plan, 3, shuffled(plan.slices.length, 5))
    assert.deepEqual(
      first.alerts.map(({ rule, correlation: match }) => [rule, match?.count]),
      [
        ['Often', 6],
        ['Rarely', 6],
      ],
    )
    assert.equal((await past.hunt(plan)).result.sha256, first.result.sha256)
    const short = await past.hunt(await past.plan(rules.join('---\n'), { toMs: PAST_US / 1_000 + 60_000 }))
    assert.deepEqual(
      short.alerts.map(({ rule }) => rule),
      ['Often'],
    )
  })

  it('names what can not be read, and goes on', async () => {
    const past = new PastScene()
    past.put('file', Buffer.from('no record'), A, PAST_US / 1_000 + 1)
    const process = sampleProcess(ON_HOST)
    past.append('file', sampleFileEvent({ path: '/etc/shadow', process, origin: past.origin(1) }))
    // Of another host than its key.
    const foreign = sampleFileEvent({ path: '/etc/shadow', process, origin: past.origin(2, { hostId: B }) })
    past.put('file', past.codec.encode('file', foreign), A, PAST_US / 1_000 + 2_000)
    const { result } = await past.hunt(await past.plan(TWO_RULES))
    assert.deepEqual([result.rows, result.unreadable, result.records], [1, 2, 3])
  })

  it('evaluates what follows a flood of records that can not be read', async () => {
    const past = new PastScene()
    const process = sampleProcess(ON_HOST)
    for (let at = 0; at < 400; at++) past.put('file', Buffer.alloc(4_096, 0x41), A, PAST_US / 1_000 + at)
    for (let second = 1; second <= 20; second++)
      past.append('file', sampleFileEvent({ path: '/etc/shadow', process, origin: past.origin(second) }))
    const history = past.history()
    // In one batch, as a fetch gives them.
    const whole: History = {
      plan: (query) => history.plan(query),
      close: () => history.close(),
      async *read(slice, options) {
        const records: ListedRecord[] = []
        for await (const batch of history.read(slice, options)) {
          while (batch.next()) {
            const key = Uint8Array.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd))
            const value = Uint8Array.from(batch.valueBytes.subarray(batch.valueStart, batch.valueEnd))
            records.push({ offset: batch.offset, timestampMs: batch.timestampMs, key, value })
          }
        }
        if (records.length > 0) yield new ListedBatch(slice.topic, slice.partition, records)
      },
    }
    const plan = await past.plan(TWO_RULES)
    const runner = new SliceRunner(plan, { history: whole, codec: past.codec })
    const [slice] = plan.slices
    assert.ok(slice !== undefined && plan.slices.length === 1)
    const { account } = await runner.run(slice, new AbortController().signal)
    assert.deepEqual([account.alerts, account.unreadable, account.records], [20, 400, 420])
  })

  it('loads the membership again after a failure', async () => {
    const past = scene()
    const plan = await past.plan(TWO_RULES)
    const history = past.history()
    let failures = 1
    const failing: History = {
      plan: (query) => (failures-- > 0 ? Promise.reject(new Error('no broker')) : history.plan(query)),
      close: () => history.close(),
      read: (slice, options) => history.read(slice, options),
    }
    const runner = new SliceRunner(plan, { history: failing, codec: past.codec })
    const [slice] = plan.slices
    assert.ok(slice !== undefined)
    const { signal } = new AbortController()
    await assert.rejects(runner.run(slice, signal), /no broker/)
    assert.ok((await runner.run(slice, signal)).account.alerts > 0)
  })

  it('counts container events that can not be read: names may be missing', async () => {
    const past = scene()
    const plan = await past.plan(TWO_RULES)
    const history = past.history()
    const runner = new SliceRunner(plan, {
      codec: past.codec,
      history: {
        plan: (query) => history.plan(query),
        close: () => history.close(),
        read(slice, options) {
          if (slice.topic === 'container') options.onDamaged({ offsets: [0, 3], reason: 'sha256' })
          return history.read(slice, options)
        },
      },
    })
    const [slice] = plan.slices
    assert.ok(slice !== undefined)
    const { account } = await runner.run(slice, new AbortController().signal)
    assert.ok(account.factsDamaged > 0 && account.factsDamaged % 3 === 0)
  })

  it('takes a condition as it is on the command line', async () => {
    const past = scene()
    const { name, text } = ruleOfCondition(`evt.type in (open, openat) and fd.name = "/etc/shadow" and not proc.name = 'x y'`)
    assert.equal(name, 'condition')
    const { alerts } = await past.hunt(await past.plan(text))
    assert.deepEqual([alerts.length, new Set(alerts.map(({ rule }) => rule))], [9, new Set(['hunt'])])
  })
})
