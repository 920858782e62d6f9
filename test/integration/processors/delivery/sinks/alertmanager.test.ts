// The sink of Alertmanager with the real one: a storm of one kind is one active alert, and hostile texts are values of labels and annotations.
import assert from 'node:assert/strict'
import type { LocalService } from '../../../../../infra/local/local-service.js'
import { ALERTMANAGER_SINK } from '../../../../../processors/delivery/sinks/alertmanager.js'
import type { AlertSink } from '../../../../../processors/delivery/sink.js'
import { createSink, topicAlerts } from '../../../../support/delivery/topic-alerts.js'
import { hostileAlerts } from '../../../../support/records/hostile-alert.js'
import { testAlert } from '../../../../support/records/test-alert.js'
import { startAlertmanager } from '../../../../support/services/receivers/start-receiver.js'
import { waitFor } from '../../../../support/wait-for.js'

const STORM = 100_000
const BATCH = 1_000
const NEVER = new AbortController().signal

interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
}

describe('the sink of Alertmanager', function () {
  let service: LocalService
  let sink: AlertSink

  before(async () => {
    service = await startAlertmanager()
    sink = await createSink(ALERTMANAGER_SINK, { url: service.address, allowPrivate: true, quietMs: 600_000 })
  })

  after(async () => {
    await sink.close()
    await service.stop()
  })

  async function active(rule: string): Promise<ActiveAlert[]> {
    const all = (await (await fetch(`${service.address}/api/v2/alerts`)).json()) as ActiveAlert[]
    return all.filter(({ labels }) => labels['alertname'] === rule)
  }

  it(`makes one active alert of ${String(STORM)} of a kind, from the first event, with the latest in its annotations`, async () => {
    const { origin, process } = testAlert()
    const startUs = Date.now() * 1000 - 60_000_000
    for (let start = 0; start < STORM; start += BATCH) {
      const alerts = Array.from({ length: BATCH }, (_, index) =>
        testAlert({
          rule: 'storm',
          output: `number ${String(start + index)}`,
          alertId: (start + index).toString(16).padStart(32, '0'),
          origin: { ...origin, wallTimeUs: startUs + start + index, seq: start + index },
          process: { ...process, pid: start + index },
        }),
      )
      const outcomes = await sink.send(topicAlerts(alerts), NEVER)
      assert.ok(outcomes.length === BATCH && outcomes.every(({ kind }) => kind === 'delivered'))
    }
    const alerts = await active('storm')
    assert.equal(alerts.length, 1)
    const [{ labels, annotations, startsAt, endsAt } = { labels: {}, annotations: {}, startsAt: '', endsAt: '' }] = alerts
    assert.deepEqual(labels, { alertname: 'storm', severity: 'warning', host: 'node-1', container: 'web', image: 'nginx:1.25' })
    assert.equal(annotations['summary'], `number ${String(STORM - 1)}`)
    assert.equal(Date.parse(startsAt), Math.floor(startUs / 1000))
    assert.ok(Date.parse(endsAt) > Date.now())
  })

  it('resolves an alert after the quiet time', async () => {
    const quick = await createSink(ALERTMANAGER_SINK, { url: service.address, allowPrivate: true, quietMs: 1_000 })
    assert.deepEqual(await quick.send(topicAlerts([testAlert({ rule: 'quiet' })]), NEVER), [{ kind: 'delivered' }])
    await quick.close()
    const [{ endsAt } = { endsAt: '' }] = await active('quiet')
    assert.ok(Date.parse(endsAt) - Date.now() <= 1_000)
    await waitFor('the alert is resolved', async () => (await active('quiet')).length === 0)
  })

  it('takes every hostile alert', async () => {
    const alerts = hostileAlerts()
    const outcomes = await sink.send(topicAlerts(alerts), NEVER)
    assert.deepEqual(
      outcomes.filter(({ kind }) => kind !== 'delivered'),
      [],
    )
    const [found] = await active('<!here> <!channel> <@U123> @here @everyone <https://evil.example|click>')
    assert.equal(found?.annotations['summary'], found?.labels['alertname'])
  })
})
