// What every store of objects must do, whatever it stores them in.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { ObjectMissingError, ObjectNameError, type ObjectStore } from '../../../processors/forensics/objects/object-store.js'

const NAMES = [
  '../outside',
  'a/../../outside',
  'a/..',
  '/etc/passwd',
  'a//b',
  'a/',
  '',
  '.hidden',
  'a/.b',
  'a\0b',
  'a\nb',
  'a\\b',
  'a b',
  'ä',
  `a/${'b'.repeat(201)}`,
]

/** Cases of a store. @param open a store without objects */
export function objectStoreCases(open: () => Promise<ObjectStore>): void {
  let store: ObjectStore

  beforeEach(async () => {
    store = await open()
  })

  afterEach(async () => await store.close())

  async function names(prefix: string): Promise<string[]> {
    const found: string[] = []
    for await (const { name } of store.list(prefix)) found.push(name)
    return found.sort()
  }

  it('stores whole objects, lists them by their prefix, and removes them', async () => {
    const content = randomBytes(300_000)
    await store.put('process/2026-11-28T06/0-1-aa.parquet', content)
    await store.put('process/2026-11-28T07/0-2-bb.parquet', new Uint8Array(0))
    await store.put('file/2026-11-28T06/0-1-cc.parquet', content.subarray(5, 9))
    assert.deepEqual(Buffer.from(await store.get('process/2026-11-28T06/0-1-aa.parquet')), content)
    assert.equal((await store.get('process/2026-11-28T07/0-2-bb.parquet')).length, 0)
    assert.deepEqual(Buffer.from(await store.get('file/2026-11-28T06/0-1-cc.parquet')), content.subarray(5, 9))
    assert.deepEqual(await names('process/'), ['process/2026-11-28T06/0-1-aa.parquet', 'process/2026-11-28T07/0-2-bb.parquet'])
    assert.equal((await names('')).length, 3)
    for await (const { name, bytes, modifiedMs } of store.list('process/2026-11-28T06')) {
      assert.equal(name, 'process/2026-11-28T06/0-1-aa.parquet')
      assert.equal(bytes, content.length)
      assert.ok(Math.abs(modifiedMs - Date.now()) < 86_400_000)
    }
    await store.remove('process/2026-11-28T06/0-1-aa.parquet')
    assert.deepEqual(await names('process/'), ['process/2026-11-28T07/0-2-bb.parquet'])
  })

  it('writes the same object again, and removes one that is gone, without an error', async () => {
    const content = randomBytes(1000)
    await store.put('host/a.parquet', content)
    await store.put('host/a.parquet', content)
    assert.deepEqual(Buffer.from(await store.get('host/a.parquet')), content)
    await store.remove('host/a.parquet')
    await store.remove('host/a.parquet')
    await store.remove('host/none/b.parquet')
  })

  it('says that an object is missing', async () => {
    await assert.rejects(store.get('process/none.parquet'), ObjectMissingError)
  })

  it('refuses names that could lead out of the archive, in every method', async () => {
    for (const name of NAMES) {
      await assert.rejects(store.put(name, new Uint8Array(1)), ObjectNameError, name)
      await assert.rejects(store.get(name), ObjectNameError, name)
      await assert.rejects(store.remove(name), ObjectNameError, name)
      assert.throws(() => store.fileOf(name), ObjectNameError, name)
    }
    assert.deepEqual(await names(''), [])
  })
}
