// Keys and passwords of Kafka come from files, and an incomplete login is refused.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { functionKafkaConfigOf, kafkaConfigOf } from '../../../../infra/config/kafka-settings.js'
import { flagOfSet } from '../../../../infra/config/text-sources.js'
import { loadConfig } from '../../../../infra/config/load-config.js'

describe('the settings of Kafka', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-kafka-settings-'))
    writeFileSync(join(folder, 'empty.yaml'), '')
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })
  const loaded = (...sets: string[]) =>
    loadConfig({ file: join(folder, 'empty.yaml'), environment: {}, flags: sets.map(flagOfSet) }).config.kafka
  const settings = (...sets: string[]) => kafkaConfigOf(loaded(...sets))

  it('use neither TLS nor a login by default', () => {
    const { tls, sasl, brokers } = settings()
    assert.deepEqual({ tls, sasl, brokers }, { tls: undefined, sasl: undefined, brokers: ['127.0.0.1:9092'] })
  })

  it('name the instance to functions only: other readers of the same settings would end them', () => {
    const kafka = loaded('kafka.instanceId=a')
    assert.equal(kafkaConfigOf(kafka).instanceId, undefined)
    assert.equal(functionKafkaConfigOf(kafka).instanceId, 'a')
    assert.equal(functionKafkaConfigOf(loaded()).instanceId, undefined)
  })

  it('read the password from its file without the trailing line break', () => {
    writeFileSync(join(folder, 'password'), 'pass word\n')
    const { sasl } = settings(
      'kafka.sasl.mechanism=scram-sha-512',
      'kafka.sasl.username=u',
      `kafka.sasl.passwordFile=${join(folder, 'password')}`,
    )
    assert.deepEqual(sasl, { mechanism: 'scram-sha-512', username: 'u', password: 'pass word' })
  })

  it('name what a login lacks', () => {
    assert.throws(
      () => settings('kafka.sasl.mechanism=plain'),
      /kafka\.sasl\.username: required .*\n.*kafka\.sasl\.passwordFile: .* required/,
    )
  })

  it('name a key file that cannot be read', () => {
    assert.throws(
      () => settings('kafka.ssl.enabled=true', 'kafka.ssl.caFile=/nonexistent/ca.pem'),
      /kafka\.ssl\.caFile: \/nonexistent\/ca\.pem can't be read/,
    )
  })

  it('use the authorities of the system if only TLS is enabled', () => {
    assert.equal(settings('kafka.ssl.enabled=true').tls, true)
  })
})
