import assert from 'node:assert/strict'
import { Metrics } from '../../../../infra/process/metrics.js'
import { NearCache } from '../../../../processors/membership/near-cache.js'

describe('near-cache', () => {
  it('does not know what it was not told', () => {
    assert.equal(new NearCache<string>(new Metrics()).get('a'), undefined)
  })

  it('keeps what is known for ever, and "not yet known" for a short time', () => {
    let nowMs = 0
    const cache = new NearCache<string>(new Metrics(), { unknownMs: 100, nowMs: () => nowMs })
    cache.setKnown('a', 'facts', 5)
    cache.setUnknown('b')
    nowMs = 99
    assert.equal(cache.get('b'), null)
    nowMs = 100
    assert.equal(cache.get('b'), undefined)
    nowMs = 1e12
    assert.equal(cache.get('a'), 'facts')
  })

  it('takes what becomes known in place of "not yet known"', () => {
    const cache = new NearCache<string>(new Metrics())
    cache.setUnknown('a')
    cache.setKnown('a', 'facts', 5)
    assert.equal(cache.get('a'), 'facts')
    assert.equal(cache.size, 1)
  })

  it('keeps its bound of entries: the least recently used goes first, and is counted', async () => {
    const metrics = new Metrics()
    const cache = new NearCache<string>(metrics, { maxEntries: 2 })
    cache.setKnown('a', 'A', 1)
    cache.setKnown('b', 'B', 1)
    cache.get('a')
    cache.setKnown('c', 'C', 1)
    assert.equal(cache.get('b'), undefined)
    assert.equal(cache.get('a'), 'A')
    assert.equal(cache.get('c'), 'C')
    assert.match(await metrics.text(), /^eunomia_membership_cache_evicted_total 1$/m)
  })

  it('keeps its bound of bytes', () => {
    const cache = new NearCache<string>(new Metrics(), { maxBytes: 100 })
    for (const key of ['a', 'b', 'c', 'd']) cache.setKnown(key, key, 40)
    assert.equal(cache.bytes, 80)
    assert.equal(cache.get('b'), undefined)
    assert.equal(cache.get('c'), 'c')
    cache.setKnown('c', 'c', 10)
    assert.equal(cache.bytes, 50)
  })

  it('holds one value that is larger than the bound, so that it is not asked for again and again', () => {
    const cache = new NearCache<string>(new Metrics(), { maxBytes: 100 })
    cache.setKnown('a', 'A', 40)
    cache.setKnown('huge', 'H', 1_000)
    assert.equal(cache.get('a'), undefined)
    assert.equal(cache.get('huge'), 'H')
  })

  it('counts hits and misses', async () => {
    const metrics = new Metrics()
    const cache = new NearCache<string>(metrics)
    cache.setKnown('a', 'A', 1)
    cache.get('a')
    cache.get('a')
    cache.get('b')
    const text = await metrics.text()
    assert.match(text, /^eunomia_membership_cache_reads_total\{outcome="hit"\} 2$/m)
    assert.match(text, /^eunomia_membership_cache_reads_total\{outcome="miss"\} 1$/m)
  })
})
