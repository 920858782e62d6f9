// A webhook by the Standard Webhooks specification, verified by its reference library; and templates that no alert can break.
import assert from 'node:assert/strict'
import { Webhook } from 'standardwebhooks'
import { WEBHOOK_SINK } from '../../../../../processors/delivery/sinks/webhook.js'
import type { AlertSink, Outcome } from '../../../../../processors/delivery/sink.js'
import { ReceiverDouble, type ReceivedRequest } from '../../../../support/delivery/receiver-double.js'
import { createSink, topicAlerts } from '../../../../support/delivery/topic-alerts.js'
import { hostileAlerts } from '../../../../support/records/hostile-alert.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const KEY = `whsec_${Buffer.from('a key of more than sixteen bytes').toString('base64')}`
const OLD_KEY = `whsec_${Buffer.from('the key that was used before it').toString('base64')}`
const NEVER = new AbortController().signal

describe('the webhook sink', () => {
  let receiver: ReceiverDouble
  let sink: AlertSink | null = null

  before(() => Object.assign(process.env, { TEST_WEBHOOK_KEY: KEY, TEST_WEBHOOK_OLD_KEY: OLD_KEY, TEST_WEBHOOK_BAD_KEY: 'whsec_short' }))

  beforeEach(async () => {
    receiver = new ReceiverDouble()
    await receiver.start()
  })

  afterEach(async () => {
    await sink?.close()
    sink = null
    await receiver.stop()
  })

  async function sinkOf(settings: object): Promise<AlertSink> {
    return (sink = await createSink(WEBHOOK_SINK, { url: `${receiver.url}/hook`, allowPrivate: true, ...settings }))
  }

  it('signs with each key, so that receivers with either accept it, and keeps the id over attempts', async () => {
    const signed = await sinkOf({ secret: { env: 'TEST_WEBHOOK_KEY' }, previousSecret: { env: 'TEST_WEBHOOK_OLD_KEY' } })
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '2' } })
    const alerts = topicAlerts([testAlert()])
    assert.deepEqual(await signed.send(alerts, NEVER), [{ kind: 'retry', reason: 'status 503', afterMs: 2_000 }])
    receiver.answer = () => ({ status: 204 })
    assert.deepEqual(await signed.send(alerts, NEVER), [{ kind: 'delivered' }])
    for (const request of receiver.requests) {
      for (const key of [KEY, OLD_KEY]) verify(key, request)
      assert.throws(() => verify(`whsec_${Buffer.from('another key of enough bytes').toString('base64')}`, request))
    }
    assert.deepEqual(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])), new Set(['a1'.repeat(16)]))
  })

  it('sends hostile alerts as one JSON body each, with ids that are no header of their own', async () => {
    const alerts = topicAlerts([...hostileAlerts(), testAlert({ alertId: 'x\r\nwebhook-signature: v1,forged' })])
    const outcomes = await (await sinkOf({ secret: { env: 'TEST_WEBHOOK_KEY' }, format: 'json' })).send(alerts, NEVER)
    assert.ok(outcomes.every(({ kind }) => kind === 'delivered'))
    const received = new Map(receiver.requests.map((request) => [request.headers['webhook-id'], request]))
    assert.equal(received.size, alerts.length)
    for (const { alert } of alerts.slice(0, -1)) {
      const request = received.get(alert.alertId)
      assert.ok(request !== undefined)
      verify(KEY, request)
      assert.equal((JSON.parse(request.body) as { output: string }).output, alert.output)
    }
  })

  it('fills a template once, so that a value is neither JSON nor template', async () => {
    const template =
      '{"text": "{{ rule }}: {{output}}", "file": "{{path}}", "cmd": "{{outputFields.proc.cmdline}}", "none": "{{nothing.at.all}}"}'
    const filled = await sinkOf({ format: 'template', template })
    for (const alert of hostileAlerts()) {
      await filled.send(topicAlerts([alert]), NEVER)
      const { rule, output, path, outputFields } = alert
      const expected = { text: `${rule}: ${output}`, file: path, cmd: outputFields['proc.cmdline'], none: '' }
      assert.deepEqual(JSON.parse(receiver.requests.at(-1)?.body ?? ''), expected)
    }
  })

  it('refuses what the receiver refuses, waits for credentials, and stops at a receiver that is away', async () => {
    const plain = await sinkOf({})
    const kinds = async (status: number): Promise<Outcome['kind'][]> => {
      receiver.answer = () => ({ status, body: 'why\u001b[2J' })
      return (await plain.send(topicAlerts([testAlert()]), NEVER)).map(({ kind }) => kind)
    }
    for (const status of [400, 413, 422]) assert.deepEqual(await kinds(status), ['refused'], String(status))
    for (const status of [301, 401, 403, 404, 408, 429, 500, 503]) assert.deepEqual(await kinds(status), ['retry'], String(status))
    receiver.answer = () => ({ status: 400, body: 'why\u001b[2J' })
    const refused = { kind: 'refused', reason: 'status 400', answer: 'why\\x1b[2J' }
    assert.deepEqual(await plain.send(topicAlerts([testAlert()]), NEVER), [refused])
    receiver.requests.length = 0
    receiver.answer = () => 'cut'
    const outcomes = await plain.send(topicAlerts(Array.from({ length: 200 }, () => testAlert())), NEVER)
    assert.ok(outcomes.length === 200 && outcomes.every(({ kind }) => kind === 'retry'))
    assert.ok(receiver.requests.length <= 32, `${String(receiver.requests.length)} requests to a receiver that is away`)
  })

  it('refuses settings that can not work', async () => {
    await assert.rejects(sinkOf({ format: 'template' }), /need each other/)
    await assert.rejects(sinkOf({ format: 'template', template: '{"a": {{rule}}}' }), /within the quotes/)
    await assert.rejects(sinkOf({ headers: { 'Webhook-Id': 'x' } }), /set by the sink/)
    await assert.rejects(sinkOf({ headers: { 'x-a': 'a\r\nx-b: c' } }), /headers/)
    await assert.rejects(
      sinkOf({ secret: { env: 'TEST_WEBHOOK_BAD_KEY' } }),
      (error: Error) => /whsec_/.test(error.message) && !error.message.includes('short'),
    )
    await assert.rejects(sinkOf({ allowPrivate: false }), /allowPrivate/)
  })
})

function verify(key: string, { headers, body }: ReceivedRequest): void {
  new Webhook(key).verify(body, headers as Record<string, string>)
}
