// Objects as files for queries: fetched once, compared with their entries, within a bound.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ObjectMissingError, type ObjectStore } from '../../../../../processors/forensics/objects/object-store.js'
import { type CachedEntry, ObjectCache } from '../../../../../processors/forensics/sql/object-cache.js'
import { QueryRefusedError } from '../../../../../processors/forensics/sql/statement-guard.js'

const SIGNAL = new AbortController().signal

describe('the cache of objects', () => {
  let folder: string
  let gets: string[]
  const objects = new Map<string, Buffer>()
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-cache-'))
    gets = []
    objects.clear()
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function add(name: string, bytes: number): CachedEntry {
    const content = Buffer.alloc(bytes, name)
    objects.set(name, content)
    return { object: name, bytes, sha256: createHash('sha256').update(content).digest('hex') }
  }

  /** A bucket, or a folder with the objects as files. */
  function store(inFolder?: string): ObjectStore {
    return {
      description: 'test',
      put: () => Promise.reject(new Error('not written')),
      get: (name) => {
        gets.push(name)
        const content = objects.get(name)
        return content === undefined ? Promise.reject(new ObjectMissingError(`there is no ${name}`)) : Promise.resolve(content)
      },
      remove: () => Promise.resolve(),
      list: () => [][Symbol.iterator]() as never,
      fileOf: (name) => (inFolder === undefined ? null : join(inFolder, name)),
      close: () => Promise.resolve(),
    }
  }

  it('fetches an object of a bucket once, and leaves out what is not as its entry says', async () => {
    const good = add('process/a.parquet', 1000)
    const cut = { ...add('process/b.parquet', 1000), bytes: 1001 }
    const flipped = add('process/c.parquet', 1000)
    objects.get('process/c.parquet')?.writeUInt8(1, 500)
    const gone = { ...good, object: 'process/gone.parquet', sha256: 'f'.repeat(64) }
    const foreign = { ...good, object: 'process/x.parquet', sha256: '../../etc/passwd' }
    for (const round of [1, 2]) {
      const { files, damaged } = await new ObjectCache(folder, 10_000, store()).filesOf([good, cut, flipped, gone, foreign], SIGNAL)
      assert.deepEqual([...files.keys()], [good.object])
      assert.deepEqual(
        damaged.map(({ object, reason }) => [object, /bytes|sha256|there is no/.test(reason)]),
        [cut, flipped, gone, foreign].map(({ object }) => [object, true]),
      )
      assert.equal(gets.filter((name) => name === good.object).length, 1, String(round))
    }
    assert.deepEqual(readdirSync(folder).sort(), [`${good.sha256}.parquet`, 'seen.json'].sort())
  })

  it('notices a file that was changed after its first use, and a link in its place', async () => {
    const entry = add('a.parquet', 1000)
    const other = mkdtempSync(join(tmpdir(), 'eunomia-archive-'))
    const path = join(other, 'a.parquet')
    const filesOf = async (): Promise<number> => (await new ObjectCache(folder, 10_000, store(other)).filesOf([entry], SIGNAL)).files.size
    const write = (content: Buffer): void => {
      rmSync(path, { force: true })
      writeFileSync(path, content)
      utimesSync(path, 1, 1)
    }
    const content = objects.get('a.parquet') ?? Buffer.alloc(0)
    write(content)
    assert.deepEqual([await filesOf(), await filesOf()], [1, 1])
    write(Buffer.alloc(1000, 'z'))
    assert.equal(await filesOf(), 0)
    write(content)
    assert.equal(await filesOf(), 1)
    rmSync(path)
    symlinkSync('/etc/passwd', path)
    assert.equal(await filesOf(), 0)
    rmSync(other, { recursive: true })
  })

  it('never removes an object of the archive, and makes no folder where it has nothing to keep', async () => {
    const archive = `${folder}/archive`
    mkdirSync(archive)
    const entry = add('a.parquet', 1000)
    writeFileSync(join(archive, 'a.parquet'), Buffer.alloc(1000, 'z'))
    const { damaged } = await new ObjectCache(folder, 10_000, store(archive)).filesOf([entry], SIGNAL)
    assert.deepEqual([damaged.length, existsSync(join(archive, 'a.parquet'))], [1, true])
    const none = join(folder, 'none')
    await new ObjectCache(none, 10_000, store(archive)).filesOf([entry], SIGNAL)
    assert.equal(existsSync(none), false)
  })

  it('refuses a folder that others can write to: what it says of objects could be theirs', async () => {
    chmodSync(folder, 0o777)
    await assert.rejects(new ObjectCache(folder, 10_000, store()).filesOf([add('a', 10)], SIGNAL), /others can't write to/)
  })

  it('removes what was not used for longest, keeps what may be in use, and refuses what has no room', async () => {
    const cache = (): ObjectCache => new ObjectCache(folder, 2_500, store())
    const [a, b, c] = [add('a', 1000), add('b', 1000), add('c', 1000)]
    await cache().filesOf([a], SIGNAL)
    await cache().filesOf([b], SIGNAL)
    await assert.rejects(cache().filesOf([c], SIGNAL), QueryRefusedError)
    await assert.rejects(cache().filesOf([a, b, c], SIGNAL), /choose a shorter time/)
    // An hour later.
    rmSync(join(folder, 'seen.json'))
    utimesSync(join(folder, `${a.sha256}.parquet`), 1, 1)
    utimesSync(join(folder, `${b.sha256}.parquet`), 2, 2)
    const { evicted, files, fetchedBytes } = await cache().filesOf([c], SIGNAL)
    assert.deepEqual([evicted, files.size, fetchedBytes], [1, 1, 1000])
    assert.deepEqual(gets, ['a', 'b', 'c'])
    assert.ok(readdirSync(folder).includes(`${b.sha256}.parquet`))
  })
})
