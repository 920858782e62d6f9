// The sink of search engines with a real OpenSearch: no document of an alert is rejected, a repeat is recognised, and an answer about a part of a
// batch counts for that part only.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { LocalService } from '../../../../../infra/local/local-service.js'
import { OPENSEARCH_SINK } from '../../../../../processors/delivery/sinks/search.js'
import type { AlertSink, Outcome, TopicAlert } from '../../../../../processors/delivery/sink.js'
import { alertWriter } from '../../../../../schemas/alert-formats.js'
import type { Alert } from '../../../../../schemas/generated/types.js'
import { ReceiverDouble } from '../../../../support/delivery/receiver-double.js'
import { createSink, topicAlerts } from '../../../../support/delivery/topic-alerts.js'
import { arbitraryAlert, hostileAlerts } from '../../../../support/records/hostile-alert.js'
import { testAlert } from '../../../../support/records/test-alert.js'
import { dose } from '../../../../support/runner/dose.js'
import { startOpenSearch } from '../../../../support/services/receivers/start-receiver.js'

const BATCH = 1_000
const NEVER = new AbortController().signal

describe('the sink of search engines', function () {
  let node: LocalService
  let sink: AlertSink | null = null

  before(async () => {
    node = await startOpenSearch()
  })

  afterEach(async () => {
    await sink?.close()
    sink = null
  })

  after(async () => await node.stop())

  async function sinkOf(settings: object): Promise<AlertSink> {
    return (sink = await createSink(OPENSEARCH_SINK, { url: node.address, allowPrivate: true, ...settings }))
  }

  async function ask<Answer>(path: string, body?: object): Promise<Answer> {
    const options =
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    return (await (await fetch(`${node.address}${path}`, options)).json()) as Answer
  }

  async function countOf(index: string): Promise<number> {
    await ask(`/${index}/_refresh`, {})
    return (await ask<{ count: number }>(`/${index}/_count`)).count
  }

  it('has every document taken, of hostile and of any alerts, and each once, however often it is sent', async () => {
    const hostile = topicAlerts(hostileAlerts())
    const taken = await sinkOf({ index: 'taken' })
    await assertTaken(taken, hostile)
    await assertTaken(taken, hostile)
    const count = dose(1_000, 100_000)
    for (let start = 0; start < count; start += BATCH) {
      // Not all at once: they are large.
      const any = fc.sample(arbitraryAlert(), { numRuns: BATCH, seed: 13 + start }).map((alert, index) => withId(alert, start + index))
      await assertTaken(taken, topicAlerts(any))
    }
    assert.equal(await countOf('taken'), hostile.length + count)
    for (const alert of hostileAlerts()) {
      const { _source } = await ask<{ _source: object }>(`/taken/_doc/${alert.alertId}`)
      assert.deepEqual(_source, JSON.parse(alertWriter('ecs')(alert)))
    }
  })

  it('makes documents that can be searched by the types of ECS, also by labels of containers', async () => {
    const { container } = testAlert()
    assert.ok(container !== null)
    const alert = testAlert({ container: { ...container, labels: { 'app.name': 'shop' } }, priority: 'critical' })
    await (await sinkOf({ index: 'searched' })).send(topicAlerts([alert]), NEVER)
    await ask('/searched/_refresh', {})
    for (const query of [
      { term: { 'file.path': '/etc/shadow' } },
      { range: { 'event.severity': { gte: 99 } } },
      { range: { '@timestamp': { gte: '2023-11-14T22:13:21.123Z', lte: '2023-11-14T22:13:21.124Z' } } },
      { wildcard: { 'process.command_line': '*etc/shad*' } },
      { term: { 'container.labels.app_name': 'shop' } },
      { match: { message: 'credential' } },
    ]) {
      const { hits } = await ask<{ hits: { total: { value: number } } }>('/searched/_search', { query })
      assert.equal(hits.total.value, 1, JSON.stringify(query))
    }
  })

  it('refuses what can never be taken, with the reason, and only that', async () => {
    await fetch(`${node.address}/strict`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ mappings: { properties: { message: { type: 'long' } } } }),
    })
    const alerts = [1, 2, 3].map((number) => withId(testAlert({ output: number === 2 ? 'text' : String(number) }), number))
    const outcomes = await (await sinkOf({ index: 'strict', template: false })).send(topicAlerts(alerts), NEVER)
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['delivered', 'refused', 'delivered'],
    )
    const [, refused] = outcomes
    assert.ok(refused?.kind === 'refused' && refused.reason === 'status 400' && /mapper_parsing_exception.*message/.test(refused.answer))
  })

  it('sends again what an index or a cluster does not take, and refuses what a document has wrong', async () => {
    const put = async (path: string, body: object = {}): Promise<void> => {
      const options = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      assert.equal((await fetch(`${node.address}${path}`, options)).status, 200, path)
    }
    await put('/closed')
    await ask('/closed/_close', {})
    for (const name of ['first', 'second']) await put(`/${name}`, { aliases: { both: {} } })
    await put('/routed', { mappings: { _routing: { required: true } } })
    await put('/locked', { settings: { 'index.mapping.total_fields.limit': 5 } })
    await put('/fixed', { mappings: { dynamic: 'strict' } })
    await put('/terms', { mappings: { properties: { message: { type: 'keyword' } } } })
    const outcomeOf = async (index: string): Promise<string> => {
      const strict = await sinkOf({ index, template: false })
      const [outcome] = await strict.send(topicAlerts([testAlert({ output: 'x'.repeat(40_000) })]), NEVER)
      await strict.close()
      return outcome?.kind === 'refused'
        ? `${outcome.kind} ${outcome.answer}`
        : `${outcome?.kind ?? ''} ${outcome?.kind === 'retry' ? outcome.reason : ''}`
    }
    assert.match(await outcomeOf('closed'), /^retry status 400: index_closed_exception/)
    assert.match(await outcomeOf('both'), /^retry status 400: illegal_argument_exception: no write index/)
    assert.match(await outcomeOf('routed'), /^retry status 400: routing_missing_exception/)
    assert.match(await outcomeOf('locked'), /^refused illegal_argument_exception: Limit of total fields/)
    assert.match(await outcomeOf('fixed'), /^refused strict_dynamic_mapping_exception/)
    assert.match(await outcomeOf('terms'), /^refused illegal_argument_exception: Document contains at least one immense term/)
    await put('/_cluster/settings', { persistent: { 'cluster.max_shards_per_node': 1 } })
    assert.match(await outcomeOf('another'), /^retry status 400: validation_exception/)
    await put('/_cluster/settings', { persistent: { 'cluster.max_shards_per_node': null } })
  })

  it('writes to a data stream', async () => {
    const streamed = await sinkOf({ index: 'streamed', dataStream: true })
    const alerts = topicAlerts([withId(testAlert(), 1), withId(testAlert(), 2)])
    assert.deepEqual(await streamed.send(alerts, NEVER), [{ kind: 'delivered' }, { kind: 'delivered' }])
    assert.deepEqual(await streamed.send(alerts, NEVER), [{ kind: 'delivered' }, { kind: 'delivered' }])
    assert.equal(await countOf('streamed'), 2)
    const { data_streams: streams } = await ask<{ data_streams: { name: string }[] }>('/_data_stream/streamed')
    assert.deepEqual(
      streams.map(({ name }) => name),
      ['streamed'],
    )
  })

  it('has each alert once, though requests and answers are lost, and parts are rejected', async () => {
    const count = dose(2_000, 100_000)
    const way = new ReceiverDouble()
    await way.start()
    let faults = 0
    way.answer = async ({ method, path, headers, body }) => {
      const fault = way.requests.length % 7
      faults += fault === 0 ? 0 : 1
      if (fault === 1) return { status: 503 }
      if (fault === 2) return 'cut'
      const isBulk = path.includes('_bulk')
      // Only the first half of the batch arrives.
      const lines = body.trimEnd().split('\n')
      const kept = isBulk && fault === 3 ? lines.slice(0, 2 * Math.ceil(lines.length / 4)) : lines
      const type = String(headers['content-type'])
      const response = await fetch(node.address + path, { method, body: `${kept.join('\n')}\n`, headers: { 'content-type': type } })
      const answer = await response.text()
      // The documents are there, and the answer is lost.
      if (fault === 4) return 'cut'
      if (!isBulk || fault !== 5 || !response.ok) return { status: response.status, body: answer }
      // One document is there, and the answer says that it is not.
      const { items } = JSON.parse(answer) as { items: { create: { status: number } }[] }
      return { status: 200, body: { items: [{ create: { status: 429 } }, ...items.slice(1)] } }
    }
    const faulty = await sinkOf({ url: way.url, index: 'faulty' })
    let left = topicAlerts(Array.from({ length: count }, (_, index) => withId(testAlert(), index)))
    while (left.length > 0) {
      const batch = left.slice(0, 100)
      const outcomes = await faulty.send(batch, NEVER).catch(() => batch.map((): Outcome => ({ kind: 'retry', reason: 'rejected' })))
      assert.ok(outcomes.every(({ kind }) => kind !== 'refused'))
      left = [...batch.filter((_, index) => outcomes[index]?.kind === 'retry'), ...left.slice(batch.length)]
    }
    await way.stop()
    assert.equal(await countOf('faulty'), count)
    assert.ok(faults > count / 100)
  })

  it('sends again only what the answer says, and divides what is too large', async () => {
    const receiver = new ReceiverDouble()
    await receiver.start()
    const scripted = await sinkOf({ url: receiver.url, template: false })
    const alerts: TopicAlert[] = topicAlerts([1, 2, 3, 4].map((number) => withId(testAlert(), number)))
    const items = [{ status: 201 }, { status: 429, error: { type: 'rejected' } }, { status: 409 }].map((create) => ({ create }))
    receiver.answer = () => ({ status: 200, body: { items } })
    assert.deepEqual(await scripted.send(alerts, NEVER), [
      { kind: 'delivered' },
      { kind: 'retry', reason: 'status 429' },
      { kind: 'delivered' },
      { kind: 'retry', reason: 'the answer has no status for it' },
    ])
    receiver.answer = ({ body }) => {
      const lines = body.trimEnd().split('\n').length / 2
      if (lines > 1) return { status: 413 }
      return body.includes(`"${idOf(3)}"`) ? { status: 413 } : { status: 200, body: { items: [{ create: { status: 201 } }] } }
    }
    assert.deepEqual(
      (await scripted.send(alerts, NEVER)).map(({ kind }) => kind),
      ['delivered', 'delivered', 'refused', 'delivered'],
    )
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '9' } })
    assert.deepEqual((await scripted.send(alerts.slice(0, 1), NEVER))[0], { kind: 'retry', reason: 'status 503', afterMs: 9_000 })
    await receiver.stop()
  })
})

async function assertTaken(sink: AlertSink, alerts: readonly TopicAlert[]): Promise<void> {
  const outcomes = await sink.send(alerts, NEVER)
  assert.deepEqual(outcomes.filter(({ kind }) => kind !== 'delivered').slice(0, 3), [])
}

function idOf(number: number): string {
  return `a${number.toString(16).padStart(31, '0')}`
}

function withId(alert: Alert, number: number): Alert {
  return { ...alert, alertId: idOf(number) }
}
