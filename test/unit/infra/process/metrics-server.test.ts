import assert from 'node:assert/strict'
import { PortInUseError } from '../../../../infra/process/errors.js'
import { Metrics } from '../../../../infra/process/metrics.js'
import { startMetricsServer, type MetricsServer } from '../../../../infra/process/metrics-server.js'

describe('metrics server', () => {
  let server: MetricsServer
  const metrics = new Metrics()
  const urlOf = (path: string): string => `http://127.0.0.1:${String(server.port)}${path}`

  beforeEach(async () => {
    server = await startMetricsServer({ port: 0 }, metrics)
  })
  afterEach(() => server.stop('test ends'))

  it('serves the metrics under /metrics', async () => {
    metrics.counter('events_total', 'Events').with().add(3)
    const response = await fetch(urlOf('/metrics?x=1'))
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    assert.match(await response.text(), /^events_total 3$/m)
  })

  it('answers nothing else', async () => {
    assert.equal((await fetch(urlOf('/'))).status, 404)
    assert.equal((await fetch(urlOf('/metrics/../etc/passwd'))).status, 404)
    assert.equal((await fetch(urlOf('/metrics'), { method: 'POST', body: 'x' })).status, 405)
  })

  it('names a port that is in use', async () => {
    await assert.rejects(startMetricsServer({ port: server.port }, metrics), (error: unknown) => {
      assert.ok(error instanceof PortInUseError)
      assert.equal(error.code, 'EUNOMIA_PORT_IN_USE')
      assert.match(error.message, new RegExp(`port ${String(server.port)} on 127\\.0\\.0\\.1`))
      return true
    })
  })

  it('ends when it is stopped, even twice, and with an open connection', async () => {
    await fetch(urlOf('/metrics'), { keepalive: true })
    await server.stop('first')
    await server.stop('second')
    await server.done
    await assert.rejects(fetch(urlOf('/metrics')))
  })

  it('fails the scrape and continues when a sample throws', async () => {
    const broken = new Metrics()
    broken.sampledGauge('broken', 'Broken', () => {
      throw new Error('no sample')
    })
    const other = await startMetricsServer({ port: 0 }, broken)
    try {
      const url = `http://127.0.0.1:${String(other.port)}/metrics`
      assert.equal((await fetch(url)).status, 500)
      assert.equal((await fetch(url)).status, 500)
    } finally {
      await other.stop('test ends')
    }
  })
})
