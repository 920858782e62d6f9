import assert from 'node:assert/strict'
import { Metrics } from '../../../../infra/process/metrics.js'
import { NearCache } from '../../../../processors/membership/near-cache.js'

describe('near-cache', () => {
  it('does not know what was not set', () => {
    assert.equal(new NearCache<string>(new Metrics()).get('a'), undefined)
  })

  it('expires what can change, but still has it while the store can not be read', () => {
    let nowMs = 1_000
    const cache = new NearCache<string>(new Metrics(), { nowMs: () => nowMs })
    cache.setKnown('a', 'container', 9, 500)
    nowMs = 1_499
    assert.equal(cache.get('a'), 'container')
    nowMs = 1_500
    assert.equal(cache.get('a'), undefined)
    assert.equal(cache.stale('a'), 'container')
    cache.setUnknown('a')
    assert.equal(cache.stale('a'), undefined)
  })

  it('stores facts forever, and "not yet known" for a short time', () => {
    let nowMs = 0
    const cache = new NearCache<string>(new Metrics(), { unknownMs: 100, nowMs: () => nowMs })
    cache.setKnown('a', 'facts', 5, Infinity)
    cache.setUnknown('b')
    nowMs = 99
    assert.equal(cache.get('b'), null)
    nowMs = 100
    assert.equal(cache.get('b'), undefined)
    nowMs = 1e12
    assert.equal(cache.get('a'), 'facts')
  })

  it('replaces "not yet known" by what becomes known', () => {
    const cache = new NearCache<string>(new Metrics())
    cache.setUnknown('a')
    cache.setKnown('a', 'facts', 5, Infinity)
    assert.equal(cache.get('a'), 'facts')
    assert.equal(cache.size, 1)
  })

  it('stays within its bound of entries: evicts the least recently used, and counts it', async () => {
    const metrics = new Metrics()
    const cache = new NearCache<string>(metrics, { maxEntries: 2 })
    cache.setKnown('a', 'A', 1, Infinity)
    cache.setKnown('b', 'B', 1, Infinity)
    cache.get('a')
    cache.setKnown('c', 'C', 1, Infinity)
    assert.equal(cache.get('b'), undefined)
    assert.equal(cache.get('a'), 'A')
    assert.equal(cache.get('c'), 'C')
    assert.match(await metrics.text(), /^eunomia_membership_cache_evicted_total 1$/m)
  })

  it('stays within its bound of bytes', () => {
    const cache = new NearCache<string>(new Metrics(), { maxBytes: 100 })
    for (const key of ['a', 'b', 'c', 'd']) cache.setKnown(key, key, 40, Infinity)
    assert.equal(cache.bytes, 80)
    assert.equal(cache.get('b'), undefined)
    assert.equal(cache.get('c'), 'c')
    cache.setKnown('c', 'c', 10, Infinity)
    assert.equal(cache.bytes, 50)
  })

  it('holds one value that is larger than the bound, so that it is not read again and again', () => {
    const cache = new NearCache<string>(new Metrics(), { maxBytes: 100 })
    cache.setKnown('a', 'A', 40, Infinity)
    cache.setKnown('huge', 'H', 1_000, Infinity)
    assert.equal(cache.get('a'), undefined)
    assert.equal(cache.get('huge'), 'H')
  })

  it('counts hits and misses', async () => {
    const metrics = new Metrics()
    const cache = new NearCache<string>(metrics)
    cache.setKnown('a', 'A', 1, Infinity)
    cache.get('a')
    cache.get('a')
    cache.get('b')
    const text = await metrics.text()
    assert.match(text, /^eunomia_membership_cache_reads_total\{outcome="hit"\} 2$/m)
    assert.match(text, /^eunomia_membership_cache_reads_total\{outcome="miss"\} 1$/m)
  })
})
