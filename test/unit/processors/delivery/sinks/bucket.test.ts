// The bucket sink with a double of S3: what an error means, names of objects, and that a large batch leaves the event loop free.
import assert from 'node:assert/strict'
import { BUCKET_SINK } from '../../../../../processors/delivery/sinks/bucket.js'
import type { AlertSink } from '../../../../../processors/delivery/sink.js'
import { ReceiverDouble } from '../../../../support/delivery/receiver-double.js'
import { createSink, topicAlerts } from '../../../../support/delivery/topic-alerts.js'
import { testAlert } from '../../../../support/records/test-alert.js'

const NEVER = new AbortController().signal

describe('the bucket sink and its service', () => {
  let service: ReceiverDouble
  let sink: AlertSink

  beforeEach(async () => {
    Object.assign(process.env, { TEST_S3_ID: 'id', TEST_S3_KEY: 'S3CRET' })
    service = new ReceiverDouble()
    const keys = { accessKeyId: { env: 'TEST_S3_ID' }, secretAccessKey: { env: 'TEST_S3_KEY' } }
    sink = await createSink(BUCKET_SINK, { bucket: 'alerts', endpoint: await service.start(), pathStyle: true, ...keys })
  })

  afterEach(async () => {
    await sink.close()
    await service.stop()
  })

  async function outcomeOf(status: number, code: string): Promise<unknown> {
    const body = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>about ${code}</Message></Error>`
    service.answer = () => ({ status, body, headers: { 'content-type': 'application/xml' } })
    const [outcome] = await sink.send(topicAlerts([testAlert()]), NEVER)
    return outcome?.kind
  }

  it('refuses what an error says about the content, and waits for everything that somebody can repair', async () => {
    for (const code of ['ExpiredToken', 'InvalidToken', 'RequestTimeout', 'AuthorizationHeaderMalformed', 'IncompleteBody', 'Another']) {
      assert.equal(await outcomeOf(400, code), 'retry', code)
    }
    assert.equal(await outcomeOf(400, 'EntityTooLarge'), 'refused')
    assert.equal(await outcomeOf(413, 'Unknown'), 'refused')
    assert.equal(await outcomeOf(503, 'SlowDown'), 'retry')
  })

  it('gives batches of different alerts different names, also with the same ends and count', async () => {
    const alerts = topicAlerts([testAlert(), testAlert(), testAlert(), testAlert()], 17)
    for (const left of [1, 2]) {
      await sink.send(
        alerts.filter((_, index) => index !== left),
        NEVER,
      )
    }
    const names = service.requests.map(({ path }) => decodeURIComponent(path.replace(/\?.*/, '')))
    assert.equal(new Set(names).size, 2)
    assert.match(names[0] ?? '', /^\/alerts\/eunomia\/alerts\/partition=0\/0+17-0+20\.3\.[0-9a-f]{12}\.jsonl\.gz$/)
  })

  it('writes a batch in more than one turn of the event loop', async () => {
    let turn = 0
    const counting = setInterval(() => turn++, 1)
    const turns = new Set<number>()
    const slow = {
      toJSON: () => {
        turns.add(turn)
        const untilMs = performance.now() + 25
        while (performance.now() < untilMs);
        return {}
      },
    }
    const alerts = topicAlerts([testAlert(), testAlert(), testAlert()].map((alert) => Object.assign(alert, slow)))
    await sink.send(alerts, NEVER)
    clearInterval(counting)
    assert.ok(turns.size > 1)
  })
})
