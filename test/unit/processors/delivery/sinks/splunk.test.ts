// The sink of Splunk against a strict double of the HTTP Event Collector, by its public documentation: one JSON object per event, a channel for
// acknowledgements, each acknowledgement reported once.
import assert from 'node:assert/strict'
import { SPLUNK_SINK } from '../../../../../processors/delivery/sinks/splunk.js'
import { timedSignal } from '../../../../../infra/waiting/signals.js'
import type { AlertSink } from '../../../../../processors/delivery/sink.js'
import { ReceiverDouble, type ScriptedAnswer } from '../../../../support/delivery/receiver-double.js'
import { createSink, topicAlerts } from '../../../../support/delivery/topic-alerts.js'
import { hostileAlerts } from '../../../../support/records/hostile-alert.js'
import { testAlert } from '../../../../support/records/test-alert.js'
import { waitFor } from '../../../../support/wait-for.js'

const TOKEN = '11111111-2222-3333-4444-555555555555'
const NEVER = new AbortController().signal

interface HecEvent {
  readonly time: number
  readonly host: string
  readonly source: string
  readonly sourcetype: string
  readonly index?: string
  readonly event: unknown
  readonly fields: Readonly<Record<string, string>>
}

/** The collector. */
class HecDouble extends ReceiverDouble {
  readonly indexed: HecEvent[] = []
  isIndexing = true
  hasAcks = true
  readonly #pending = new Map<string, Map<number, readonly HecEvent[]>>()
  #nextAck = 0

  override answer: ReceiverDouble['answer'] = (request) => {
    const { headers, path, body } = request
    if (headers.authorization !== `Splunk ${TOKEN}`) return { status: 403, body: { text: 'Invalid token', code: 4 } }
    const channel = String(headers['x-splunk-request-channel'])
    if (path.startsWith('/services/collector/ack?channel=')) return this.#acks(channel, path, body)
    if (path !== '/services/collector/event') return { status: 404, body: {} }
    const events = body.split('\n').map((line) => JSON.parse(line) as HecEvent)
    const wrong = events.findIndex(({ event }) => event === '' || event === null || event === undefined)
    if (wrong >= 0) return { status: 400, body: { text: 'Event field is required', code: 12, 'invalid-event-number': wrong } }
    if (events.some(({ index }) => index === 'missing')) return { status: 400, body: { text: 'Incorrect index', code: 7 } }
    if (!/^[0-9a-f-]{36}$/.test(channel)) return { status: 400, body: { text: 'Data channel is missing', code: 10 } }
    if (!this.hasAcks) return { status: 200, body: { text: 'Success', code: 0 } }
    const ackId = this.#nextAck++
    if (!this.#pending.has(channel)) this.#pending.set(channel, new Map())
    this.#pending.get(channel)?.set(ackId, events)
    return { status: 200, body: { text: 'Success', code: 0, ackId } }
  }

  #acks(channel: string, path: string, body: string): ScriptedAnswer {
    assert.ok(path.endsWith(`=${channel}`))
    const { acks } = JSON.parse(body) as { acks: number[] }
    const known = this.#pending.get(channel)
    const answers = acks.map((id) => {
      const events = this.isIndexing ? known?.get(id) : undefined
      if (events !== undefined) this.indexed.push(...events)
      if (events !== undefined) known?.delete(id)
      return [String(id), events !== undefined]
    })
    return { status: 200, body: { acks: Object.fromEntries(answers) as object } }
  }
}

describe('the Splunk sink', () => {
  let receiver: HecDouble
  let sink: AlertSink | null = null

  before(() => void (process.env['TEST_HEC_TOKEN'] = TOKEN))

  beforeEach(async () => {
    receiver = new HecDouble()
    await receiver.start()
  })

  afterEach(async () => {
    await sink?.close()
    sink = null
    await receiver.stop()
  })

  async function sinkOf(settings: object = {}): Promise<AlertSink> {
    return (sink = await createSink(SPLUNK_SINK, { url: receiver.url, allowPrivate: true, token: { env: 'TEST_HEC_TOKEN' }, ...settings }))
  }

  it('delivers what is indexed, with time, host, source, sourcetype and index', async () => {
    const outcomes = await (await sinkOf({ index: 'security', format: 'json' })).send(topicAlerts([testAlert()]), NEVER)
    assert.deepEqual(outcomes, [{ kind: 'delivered' }])
    const [{ event, ...facts } = { event: null }] = receiver.indexed
    assert.deepEqual(event, testAlert())
    assert.deepEqual(facts, {
      time: 1_700_000_001.123456,
      host: 'node-1',
      source: 'eunomia',
      sourcetype: 'eunomia:json',
      index: 'security',
      fields: { alert_id: 'a1'.repeat(16) },
    })
  })

  it('sends again what Splunk took and did not index', async () => {
    const sent = await sinkOf()
    receiver.isIndexing = false
    const late = timedSignal(500)
    assert.deepEqual(await sent.send(topicAlerts([testAlert()]), late.signal), [{ kind: 'retry', reason: 'not indexed in time' }])
    late.release()
    receiver.isIndexing = true
    assert.deepEqual(await sent.send(topicAlerts([testAlert()]), NEVER), [{ kind: 'delivered' }])
    assert.equal(receiver.indexed.length, 1)
  })

  const sendsOf = (): number => receiver.requests.filter(({ path }) => path.endsWith('/event')).length

  it('asks again for what Splunk has, also after a failed answer, and sends it again when it is never indexed', async () => {
    const { answer } = receiver
    let polls = 0
    let late = new AbortController()
    receiver.answer = (request) => {
      if (!request.path.includes('/ack?')) return answer(request)
      if (!receiver.isIndexing) late.abort()
      return ++polls === 1 ? 'cut' : answer(request)
    }
    const sent = await sinkOf()
    assert.deepEqual(await sent.send(topicAlerts([testAlert()]), NEVER), [{ kind: 'delivered' }])
    assert.ok(polls > 1)
    assert.equal(sendsOf(), 1)

    receiver.isIndexing = false
    for (const attempt of ['first', 'second']) {
      late = new AbortController()
      assert.deepEqual(await sent.send(topicAlerts([testAlert()]), late.signal), [{ kind: 'retry', reason: 'not indexed in time' }])
      assert.equal(sendsOf(), 2, attempt)
    }
    await sent.close()

    const hasty = await sinkOf({ timeoutMs: 100 })
    await waitFor('the batch to be sent again', async () => {
      late = new AbortController()
      await hasty.send(topicAlerts([testAlert()]), late.signal).catch(() => undefined)
      return sendsOf() === 4
    })
  })

  it('takes an answer for success that warns of queues that will be full', async () => {
    const strict = await sinkOf()
    const { answer } = receiver
    for (const code of [24, 25]) {
      receiver.answer = async (request) => {
        const scripted = await answer(request)
        if (typeof scripted === 'string' || !request.path.endsWith('/event')) return scripted
        return { ...scripted, body: { ...(scripted.body as object), code } }
      }
      assert.deepEqual(await strict.send(topicAlerts([testAlert()]), NEVER), [{ kind: 'delivered' }])
    }
    assert.equal(sendsOf(), 2)
  })

  it('keeps hostile alerts within their events', async () => {
    const alerts = hostileAlerts()
    const outcomes = await (await sinkOf({ format: 'json' })).send(topicAlerts(alerts), NEVER)
    assert.ok(outcomes.every(({ kind }) => kind === 'delivered'))
    assert.deepEqual(
      receiver.indexed.map(({ event }) => (event as { output: string }).output),
      alerts.map(({ output }) => output),
    )
  })

  it('waits for a token, an index or an acknowledgement that is set wrong, and says which', async () => {
    const reasonOf = async (settings: object): Promise<string> => {
      const [outcome] = await (await sinkOf(settings)).send(topicAlerts([testAlert()]), NEVER)
      assert.equal(outcome?.kind, 'retry')
      await sink?.close()
      return outcome.reason
    }
    assert.match(await reasonOf({ index: 'missing' }), /Incorrect index/)
    process.env['TEST_HEC_WRONG'] = 'wrong'
    assert.match(await reasonOf({ token: { env: 'TEST_HEC_WRONG' } }), /status 403: the receiver refuses the credentials/)
    receiver.hasAcks = false
    assert.match(await reasonOf({}), /needs indexer acknowledgement/)
    assert.deepEqual(await (await sinkOf({ acknowledge: false })).send(topicAlerts([testAlert()]), NEVER), [{ kind: 'delivered' }])
  })

  it('refuses only the one event that is too large', async () => {
    const strict = await sinkOf({ format: 'json' })
    const { answer } = receiver
    receiver.answer = (request) =>
      request.body.length > 300_000 ? { status: 413, body: { text: 'Too large', code: 27 } } : answer(request)
    const alerts = [testAlert(), testAlert({ output: 'x'.repeat(300_000) }), testAlert()]
    const kinds = (await strict.send(topicAlerts(alerts), NEVER)).map(({ kind }) => kind)
    assert.deepEqual(kinds, ['delivered', 'refused', 'delivered'])
  })
})
