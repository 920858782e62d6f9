// The collector is killed while its broker is away: what it had spooled is in the topics after both are back, in order, and its accounts balance.
import assert from 'node:assert/strict'
import { LOAD_RULES, seenOf, startLoad, truthOf } from '../../support/system/container-load.js'
import { useDocker } from '../../support/services/docker.js'
import { eventId } from '../../support/system/event-ledger.js'
import { metricsPage } from '../../support/system/metrics-page.js'
import { startOwnKafka, type OwnKafka } from '../../support/services/own-kafka.js'
import { TestSystem } from '../../support/system/test-system.js'
import type { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { Workloads } from '../../e2e/native/workload.js'
import type { Origin } from '../../../schemas/generated/types.js'

const SIZE = { rounds: 503, opens: 3, pauseUs: 500 }

type Page = () => Promise<ReadonlyMap<string, number>>

/** The values of a metric by its labels. */
async function labelled(page: Page, name: string): Promise<ReadonlyMap<string, number>> {
  return new Map([...(await page())].flatMap(([key, value]) => (key.startsWith(`${name}{`) ? [[key.slice(name.length), value]] : [])))
}

/** Sum of a metric over its labels. */
async function sumOf(page: Page, name: string): Promise<number> {
  return [...(await labelled(page, name)).values()].reduce((sum, value) => sum + value, 0)
}

/** For each CPU and epoch, whether its numbers are in order. */
function isOrdered(events: readonly { readonly origin: Origin }[]): boolean {
  const last = new Map<string, number>()
  return events.every(({ origin }) => {
    const space = `${String(origin.epoch)} ${String(origin.cpu)}`
    const isBehind = origin.seq > (last.get(space) ?? 0)
    last.set(space, origin.seq)
    return isBehind
  })
}

describe('a collector that is killed while it spools', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let kafka: OwnKafka
  let system: TestSystem

  before(async () => {
    kafka = await startOwnKafka(2)
    system = new TestSystem({ kafka: kafka.config, redisUrl: 'redis://127.0.0.1:1', rules: LOAD_RULES })
  })
  after(async () => {
    await system.close()
    await kafka.service.stop()
    workloads.close()
  })

  const collect = async (): Promise<EunomiaProcess> =>
    await system.collect('--docker-socket', docker().socketPath, '--metrics-port', '0', '--set', 'collector.heartbeatMs=60000')

  it('publishes every event of a load once after the next start', async () => {
    const killed = await collect()
    const page = await metricsPage(killed)
    await killed.until('records that do not pass the spool', async () => (await sumOf(page, 'eunomia_events_published_total')) > 0)
    await kafka.service.kill9()
    const load = await startLoad(docker(), workloads, 'spooled-load', SIZE)
    assert.equal(await docker().docker('wait', load), '0')
    const least = truthOf(SIZE).opens.length + truthOf(SIZE).execs.length
    // Other programs of the host go on; what was emitted by now has all of the load.
    const inFlight = await labelled(page, 'eunomia_events_in_flight')
    let spooled: ReadonlyMap<string, number> = new Map()
    const isSpooled = async (): Promise<boolean> => {
      spooled = await labelled(page, 'eunomia_events_spooled')
      return [...inFlight].every(([labels, count]) => (spooled.get(labels) ?? 0) >= count)
    }
    await killed.until('the load in the spool', isSpooled, { progress: () => [...spooled.values()].join() })
    // Records after the load may be in memory for 100 ms: one check later, at most the last ones of the load were.
    const before = await sumOf(page, 'eunomia_events_spooled')
    await killed.until('more in the spool', async () => (await sumOf(page, 'eunomia_events_spooled')) > before)
    await killed.kill()

    // Away at the start as well: the collector does not wait for the broker.
    const next = await collect()
    const nextPage = await metricsPage(next)
    assert((await sumOf(nextPage, 'eunomia_events_spooled')) > least)
    await kafka.restart()
    let left = Infinity
    const isEmpty = async (): Promise<boolean> => (left = await sumOf(nextPage, 'eunomia_events_spooled')) === 0
    await next.until('an empty spool', isEmpty, { progress: () => left })
    assert.equal(await next.end('SIGTERM'), 0, next.stderr)

    const records = await system.records()
    assert.deepEqual(seenOf(records, load), truthOf(SIZE))
    for (const topic of ['process', 'file'] as const) {
      const ids = records[topic].map(({ origin }) => eventId(origin))
      assert.equal(new Set(ids).size, ids.length, `an event of ${topic} is there twice`)
    }
    assert(isOrdered(records.file.filter(({ origin }) => origin.cpu >= 0)), 'opens are in order')
    const last = records.host.at(-1)
    assert.ok(last?.isLast === true, 'the last heartbeat says that it is the last')
    const inherited = last.ledger.filter((entry) => entry.isInherited)
    assert(inherited.reduce((sum, { published }) => sum + published, 0) > least)
    for (const { emitted, published, droppedSpool, spooled } of inherited)
      assert.deepEqual([published, droppedSpool, spooled], [emitted, 0, 0])
  })
})
