// Objects in a real S3 (Adobe's S3Mock).
import assert from 'node:assert/strict'
import type { LocalService } from '../../../../../infra/local/local-service.js'
import { BucketStore } from '../../../../../processors/forensics/objects/bucket-store.js'
import { objectStoreCases } from '../../../../support/forensics/object-store-cases.js'
import { startS3Mock } from '../../../../support/services/receivers/start-receiver.js'

describe('a bucket of objects', function () {
  let service: LocalService
  let opened = 0

  before(async () => {
    Object.assign(process.env, { TEST_S3_ID: 'id', TEST_S3_KEY: 'S3CRET' })
    service = await startS3Mock(['archive'])
  })

  after(async () => await service.stop())

  function storeOf(bucket: string, prefix: string): BucketStore {
    const keys = { accessKeyId: { env: 'TEST_S3_ID' }, secretAccessKey: { env: 'TEST_S3_KEY' } }
    return new BucketStore({ bucket, prefix, listed: 7, endpoint: service.address, pathStyle: true, ...keys })
  }

  objectStoreCases(() => Promise.resolve(storeOf('archive', `prefix-${String(++opened)}/`)))

  it('lists more objects than a page of the service has, and none of another prefix', async () => {
    const store = storeOf('archive', 'many/')
    await storeOf('archive', 'others/').put('host/other', new Uint8Array(1))
    const wanted = Array.from({ length: 20 }, (_, index) => `host/${String(index)}`)
    await Promise.all(wanted.map((name) => store.put(name, new Uint8Array(1))))
    const found: string[] = []
    for await (const { name } of store.list('')) found.push(name)
    assert.deepEqual(found.sort(), wanted.sort())
  })

  it('says that it can be tried again when there is no such bucket, or no service', async () => {
    const expected = { code: 'EUNOMIA_ARCHIVE_STORE', isRetryable: true }
    await assert.rejects(storeOf('none', '').put('host/a', new Uint8Array(1)), expected)
    const away = new BucketStore({ bucket: 'archive', prefix: '', endpoint: 'http://127.0.0.1:9', pathStyle: true, timeoutMs: 1_000 })
    process.env['AWS_ACCESS_KEY_ID'] = process.env['AWS_SECRET_ACCESS_KEY'] = 'x'
    await assert.rejects(away.get('host/a'), expected)
  })
})
