import assert from 'node:assert/strict'
import { FOLDED_SERIES, Metrics } from '../../../../infra/process/metrics.js'

/** Value of a series in the exposition text, or undefined. */
async function valueOf(metrics: Metrics, series: string): Promise<string | undefined> {
  const line = (await metrics.text()).split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line?.slice(series.length + 1)
}

describe('metrics', () => {
  it('exports a counter with its labels in text format', async () => {
    const metrics = new Metrics()
    const records = metrics.counter('records_total', 'Records', 'topic')
    records.with('process').add()
    records.with('process').add(2)
    records.with('file').add()
    assert.equal(await valueOf(metrics, 'records_total{topic="process"}'), '3')
    assert.equal(await valueOf(metrics, 'records_total{topic="file"}'), '1')
    assert.match(await metrics.text(), /^# HELP records_total Records$/m)
    assert.match(await metrics.text(), /^# TYPE records_total counter$/m)
  })

  it('returns the same metric for the same name', async () => {
    const metrics = new Metrics()
    metrics.counter('records_total', 'Records').with().add()
    metrics.counter('records_total', 'Records').with().add()
    assert.equal(await valueOf(metrics, 'records_total'), '2')
  })

  it('shares nothing between two registries', async () => {
    new Metrics().counter('records_total', 'Records').with().add()
    const other = new Metrics()
    other.counter('records_total', 'Records').with().add(5)
    assert.equal(await valueOf(other, 'records_total'), '5')
  })

  it('counts label values above the bound under "other", and counts how often', async () => {
    const metrics = new Metrics({ maxSeries: 2 })
    const records = metrics.counter('records_total', 'Records', 'container')
    for (const container of ['a', 'b', 'c', 'd', 'a']) records.with(container).add()
    assert.equal(await valueOf(metrics, 'records_total{container="a"}'), '2')
    assert.equal(await valueOf(metrics, 'records_total{container="b"}'), '1')
    assert.equal(await valueOf(metrics, 'records_total{container="c"}'), undefined)
    assert.equal(await valueOf(metrics, 'records_total{container="other"}'), '2')
    assert.equal(await valueOf(metrics, FOLDED_SERIES), '2')
  })

  it('samples a gauge when the metrics are read', async () => {
    const metrics = new Metrics()
    let size = 1
    metrics.sampledGauge('cache_entries', 'Entries', () => size)
    size = 7
    assert.equal(await valueOf(metrics, 'cache_entries'), '7')
  })

  it('sorts observations into buckets', async () => {
    const metrics = new Metrics()
    const seconds = metrics.histogram('batch_seconds', 'Time', [0.1, 1], 'topic').with('process')
    for (const value of [0.05, 0.5, 5]) seconds.observe(value)
    assert.equal(await valueOf(metrics, 'batch_seconds_bucket{le="0.1",topic="process"}'), '1')
    assert.equal(await valueOf(metrics, 'batch_seconds_bucket{le="1",topic="process"}'), '2')
    assert.equal(await valueOf(metrics, 'batch_seconds_bucket{le="+Inf",topic="process"}'), '3')
  })

  it('escapes label values that hold quotes, newlines and terminal escapes', async () => {
    const metrics = new Metrics()
    metrics.gauge('g', 'G', 'name').with('a"b\nc').set(1)
    const lines = (await metrics.text()).split('\n')
    assert.ok(lines.includes('g{name="a\\"b\\nc"} 1'))
  })

  it('samples series at each read, and exports none that is missing', async () => {
    const metrics = new Metrics()
    let samples: [string[], number][] = [
      [['a'], 3],
      [['b'], 4],
    ]
    metrics.sampled('counter', 'seen_total', 'Seen', ['name'], () => samples)
    assert.equal(await valueOf(metrics, 'seen_total{name="a"}'), '3')
    samples = [[['b'], 5]]
    const text = await metrics.text()
    assert.match(text, /^# TYPE seen_total counter$/m)
    assert.match(text, /^seen_total\{name="b"\} 5$/m)
    assert.doesNotMatch(text, /name="a"/)
  })

  it('sums up sampled series over the limit under "other"', async () => {
    const metrics = new Metrics({ maxSeries: 2 })
    metrics.sampled('gauge', 'held', 'Held', ['name'], () => ['a', 'b', 'c', 'd'].map((name) => [[name], 2]))
    const text = await metrics.text()
    assert.match(text, /^held\{name="other"\} 4$/m)
    assert.equal(text.split('\n').filter((line) => line.startsWith('held{')).length, 3)
  })
})
