// Collector and functions as separate processes with a real Kafka and a real Redis between them: the same alerts as in one process.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '../../../schemas/generated/types.js'
import { BUSYBOX_IMAGE, useDocker } from '../../support/services/docker.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { sharedRedis } from '../../support/services/services.js'
import { waitForCount } from '../../support/wait-for.js'

const RULE = 'Shadow file read in a container'
const RULES = `
- rule: ${RULE}
  desc: the rule under test
  condition: evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.name=/etc/shadow and container.id != host
  output: shadow read (command=%proc.cmdline container=%container.name)
  priority: WARNING
`

describe('collector and functions as separate processes', () => {
  const docker = useDocker()
  let folder = ''
  let environment: Record<string, string> = {}
  const running: EunomiaProcess[] = []
  const start = (...args: string[]): EunomiaProcess => {
    const eunomia = new EunomiaProcess(args, environment)
    running.push(eunomia)
    return eunomia
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-pipeline-'))
    writeFileSync(join(folder, 'rules.yaml'), RULES)
    const kafka = await freshKafkaTopics()
    environment = {
      EUNOMIA_STATE_FOLDER: join(folder, 'state'),
      EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix ?? '',
      EUNOMIA_REDIS_URL: (await sharedRedis()).address,
    }
  })
  after(async () => {
    for (const eunomia of running) await eunomia.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  it('emit exactly one alert for each container, with its full id, name and image', async () => {
    const early = await docker().runDetached(['--name', 'pipe-early'], ['sleep', '600'])
    const functions = start('process', 'membership', 'detect', '--rules', join(folder, 'rules.yaml'))
    const collector = start('collect', '--docker-socket', docker().socketPath)
    const alerts = start('alerts', '--since', '1h', '--format', 'json')
    await collector.says(/"msg":"collecting"/)
    await functions.says(/"function":"detect","msg":"function started"/)
    await docker().docker('exec', 'pipe-early', 'cat', '/etc/shadow')
    const late = await docker().runDetached(['--name', 'pipe-late'], ['sh', '-c', 'cat /etc/shadow; sleep 600'])
    await docker().run(['--name', 'pipe-brief'], ['cat', '/etc/shadow'])
    const brief = await docker().docker('inspect', '--format', '{{.Id}}', 'pipe-brief')
    await waitForCount('three alerts', () => alerts.records().length, 3)
    assert.equal(await collector.interrupt(), 0, collector.stderr)
    assert.equal(await functions.interrupt(), 0, functions.stderr)
    assert.equal(await alerts.interrupt(), 0, alerts.stderr)

    const actual = alerts.records<Alert>().map(({ rule, containerId, container, facts }) => {
      return { rule, containerId, name: container?.name, image: container?.image, facts }
    })
    const expected = [
      { containerId: brief, name: 'pipe-brief' },
      { containerId: early, name: 'pipe-early' },
      { containerId: late, name: 'pipe-late' },
    ].map((container) => ({ rule: RULE, ...container, image: BUSYBOX_IMAGE, facts: 'complete' }))
    assert.deepEqual(
      actual.sort((a, b) => (a.name ?? '').localeCompare(b.name ?? '')),
      expected,
    )
    assert.match(collector.stderr, /"lost":\{\},"cpuUs":\d+,"msg":"ended"/)
    await docker().docker('rm', '-f', 'pipe-early', 'pipe-late', 'pipe-brief')
  })
})
