// The bucket sink with a real S3 (Adobe's S3Mock): objects of JSON lines, named by partition and offsets, the same for the same batch.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import type { LocalService } from '../../../../../infra/local/local-service.js'
import { BUCKET_SINK } from '../../../../../processors/delivery/sinks/bucket.js'
import type { AlertSink } from '../../../../../processors/delivery/sink.js'
import { createSink, topicAlerts } from '../../../../support/delivery/topic-alerts.js'
import { hostileAlerts } from '../../../../support/records/hostile-alert.js'
import { testAlert } from '../../../../support/records/test-alert.js'
import { startS3Mock } from '../../../../support/services/receivers/start-receiver.js'

const NEVER = new AbortController().signal
const BUCKET = 'alerts'

describe('the bucket sink', function () {
  let service: LocalService
  let sink: AlertSink | null = null

  before(async () => {
    Object.assign(process.env, { TEST_S3_ID: 'id', TEST_S3_KEY: 'S3CRET' })
    service = await startS3Mock([BUCKET])
  })

  afterEach(async () => {
    await sink?.close()
    sink = null
  })

  after(async () => await service.stop())

  async function sinkOf(settings: object): Promise<AlertSink> {
    const keys = { accessKeyId: { env: 'TEST_S3_ID' }, secretAccessKey: { env: 'TEST_S3_KEY' } }
    return (sink = await createSink(BUCKET_SINK, { bucket: BUCKET, endpoint: service.address, pathStyle: true, ...keys, ...settings }))
  }

  function nameOf(partition: number, offsets: readonly number[]): string {
    const [first, last] = [offsets[0], offsets.at(-1)].map((offset) => String(offset).padStart(20, '0'))
    const hash = createHash('sha256').update(offsets.join(' ')).digest('hex').slice(0, 12)
    return `eunomia/alerts/partition=${String(partition)}/${String(first)}-${String(last)}.${String(offsets.length)}.${hash}.jsonl.gz`
  }

  async function object(name: string): Promise<Buffer> {
    const response = await fetch(`${service.address}/${BUCKET}/${name}`)
    assert.equal(response.status, 200, name)
    const bytes = Buffer.from(await response.arrayBuffer())
    // fetch unpacks what says that it is packed.
    return bytes[0] === 0x1f ? gunzipSync(bytes) : bytes
  }

  it('writes a batch as an object for each partition, named by its offsets, and the same again', async () => {
    const first = topicAlerts(hostileAlerts(), 17)
    const other = topicAlerts([testAlert()], 5).map((alert) => ({ ...alert, partition: 3 }))
    const own = await sinkOf({})
    const name = nameOf(
      0,
      first.map(({ offset }) => offset),
    )
    const hashes = new Set<string>()
    for (let attempt = 0; attempt < 2; attempt++) {
      const outcomes = await own.send([...first, ...other], NEVER)
      assert.ok(outcomes.length === first.length + 1 && outcomes.every(({ kind }) => kind === 'delivered'))
      hashes.add(
        createHash('sha256')
          .update(await object(name))
          .digest('hex'),
      )
    }
    assert.equal(hashes.size, 1)
    const lines = (await object(name)).toString().trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { alertId: string }).alertId),
      first.map(({ alert }) => alert.alertId),
    )
    const [single] = (await object(nameOf(3, [5]))).toString().split('\n')
    assert.deepEqual(JSON.parse(single ?? ''), testAlert())
  })

  it('gives the alert of a test a name that no batch has', async () => {
    const [marked] = topicAlerts([testAlert()]).map((alert) => ({ ...alert, partition: -1, offset: -1 }))
    assert.ok(marked !== undefined)
    assert.deepEqual(await (await sinkOf({ prefix: '' })).send([marked], NEVER), [{ kind: 'delivered' }])
    assert.equal((await object(`test/${testAlert().alertId}.jsonl.gz`)).toString().split('\n').length, 2)
  })

  it('waits for a bucket that is not there, and for a service that is away, and never names its key', async () => {
    const [outcome] = await (await sinkOf({ bucket: 'missing' })).send(topicAlerts([testAlert()]), NEVER)
    assert.ok(outcome?.kind === 'retry' && outcome.reason.startsWith('status 404'))
    await sink?.close()
    const away = await sinkOf({ endpoint: 'http://127.0.0.1:9' })
    await assert.rejects(
      away.send(topicAlerts([testAlert()]), NEVER),
      (error: Error) => /can't be reached/.test(error.message) && !error.message.includes('S3CRET'),
    )
  })
})
