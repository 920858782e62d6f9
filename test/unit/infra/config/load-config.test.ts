// Settings from four sources: which one counts, and the messages for mistakes.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../../../../infra/config/setting-value.js'
import { flagOfSet } from '../../../../infra/config/text-sources.js'
import { loadConfig, type ConfigSources } from '../../../../infra/config/load-config.js'
import { shownSettings } from '../../../../infra/config/masked.js'

describe('the configuration', () => {
  let folder = ''
  let file = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-config-'))
    file = join(folder, 'eunomia.yaml')
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })

  const load = (text: string, sources: Partial<ConfigSources> = {}) => {
    writeFileSync(file, text)
    return loadConfig({ file, environment: {}, ...sources })
  }
  const mistakesOf = (text: string, sources: Partial<ConfigSources> = {}): string[] => {
    try {
      load(text, sources)
    } catch (error) {
      assert.ok(error instanceof ConfigError)
      return error.mistakes.map(({ place, message }) => `${place.replace(`${folder}/`, '')}: ${message}`)
    }
    return []
  }

  it('has a default for every setting', () => {
    const { config, values } = load('')
    assert.deepEqual(config.kafka.brokers, ['127.0.0.1:9092'])
    assert.equal(config.collector.argsBytes, 8192)
    assert.equal(config.schemas.registryUrl, null)
    assert.ok([...values.values()].every(({ source }) => source === 'default'))
  })

  it('prefers flags to the environment, the environment to the file, the file to defaults', () => {
    const text = 'kafka:\n  lingerMs: 10\n  partitions: 3\n  replicationFactor: 2\n'
    const environment = { EUNOMIA_KAFKA_LINGER_MS: '20', EUNOMIA_KAFKA_PARTITIONS: '4' }
    const { config, values } = load(text, { environment, flags: [flagOfSet('kafka.lingerMs=30')] })
    assert.equal(config.kafka.lingerMs, 30)
    assert.equal(config.kafka.partitions, 4)
    assert.equal(config.kafka.replicationFactor, 2)
    assert.equal(values.get('kafka.lingerMs')?.source, 'flag --set')
    assert.equal(values.get('kafka.partitions')?.source, 'environment EUNOMIA_KAFKA_PARTITIONS')
    assert.equal(values.get('kafka.replicationFactor')?.source, `${file}:4:22`)
    assert.equal(values.get('kafka.bufferBytes')?.source, 'default')
  })

  it('names the nearest setting for an unknown key, with file, line and column', () => {
    assert.deepEqual(mistakesOf('kafka:\n  broker: [a:1]\n'), [
      'eunomia.yaml:2:3: there is no setting "kafka.broker"; did you mean kafka.brokers?',
    ])
    assert.deepEqual(mistakesOf('kafak:\n  lingerMs: 1\n'), ['eunomia.yaml:1:1: there is no setting "kafak"; did you mean kafka?'])
  })

  it('names all mistakes of all sources at once', () => {
    const found = mistakesOf('kafka:\n  lingerMs: -1\n  compression: zst\n', {
      environment: { EUNOMIA_REDIS_URI: 'x' },
      flags: [flagOfSet('metrics.port=99999')],
    })
    assert.deepEqual(found, [
      'eunomia.yaml:2:13: kafka.lingerMs must be a whole number, 0 to 5000 (ms), found -1',
      'eunomia.yaml:3:16: kafka.compression must be one of none, lz4, zstd, found "zst"; did you mean zstd?',
      'environment EUNOMIA_REDIS_URI: there is no setting "EUNOMIA_REDIS_URI"; did you mean EUNOMIA_REDIS_URL?',
      'flag --set: metrics.port must be a whole number, 0 to 65535, found 99999',
    ])
  })

  it('reports a missing value after --set, and a section that is not a setting', () => {
    assert.deepEqual(mistakesOf('', { flags: [flagOfSet('rules')] }), [
      'flag --set rules: expected NAME=VALUE: there is no setting "rules"',
    ])
    assert.match(mistakesOf('', { flags: [flagOfSet('kafka.lingerMs')] })[0] ?? '', /expected kafka\.lingerMs=VALUE: a whole number/)
  })

  it('refuses a ring size that is not a power of two', () => {
    assert.match(mistakesOf('collector: { bulkRingBytes: 100000 }')[0] ?? '', /^eunomia.yaml:1:29: .* must be a power of two/)
    assert.equal(load('collector: { bulkRingBytes: 131072 }').config.collector.bulkRingBytes, 131072)
  })

  it('names the place where a file is not YAML, and refuses a duplicate key', () => {
    assert.match(mistakesOf('kafka: [')[0] ?? '', /^eunomia.yaml:1:9: not YAML: /)
    assert.match(mistakesOf('logLevel: info\nlogLevel: debug\n')[0] ?? '', /^eunomia.yaml:2:1: not YAML: .*unique/)
  })

  it('refuses text instead of a section, and a section instead of a value', () => {
    assert.deepEqual(mistakesOf('kafka: yes\n'), ['eunomia.yaml:1:1: kafka is a section: settings go below it'])
    assert.match(mistakesOf('logLevel: { a: 1 }\n')[0] ?? '', /logLevel must be one of/)
  })

  it('names a file that cannot be read', () => {
    assert.throws(
      () => loadConfig({ file: join(folder, 'none.yaml'), environment: {} }),
      /none\.yaml: there is no such file; docs\/configuration\.md shows one/,
    )
  })

  it('reads lists, booleans and unset settings from the environment', () => {
    const environment = {
      EUNOMIA_KAFKA_BROKERS: 'a:1, [::1]:2',
      EUNOMIA_KAFKA_SSL_ENABLED: 'true',
      EUNOMIA_SCHEMAS_REGISTRY_URL: '',
    }
    const { config } = load('schemas: { registryUrl: "http://127.0.0.1:1/" }', { environment })
    assert.deepEqual(config.kafka.brokers, ['a:1', '[::1]:2'])
    assert.equal(config.kafka.ssl.enabled, true)
    assert.equal(config.schemas.registryUrl, null)
  })

  it('ignores the variables that Kubernetes sets for a service named eunomia', () => {
    const environment = { EUNOMIA_SERVICE_HOST: '10.0.0.1', EUNOMIA_PORT: 'tcp://10.0.0.1:1', EUNOMIA_CONSOLE_PORT_80_TCP_ADDR: '10.0.0.1' }
    assert.deepEqual(mistakesOf('', { environment }), [])
  })

  it('never shows a secret, neither in the settings nor in a mistake', () => {
    const environment = { EUNOMIA_KAFKA_SASL_PASSWORD: 'hunter2', EUNOMIA_REDIS_URL: 'redis://u:hunter2@127.0.0.1:1/0' }
    const text = JSON.stringify(shownSettings(load('', { environment })))
    assert.doesNotMatch(text, /hunter2/)
    assert.match(text, /redis:\/\/u:\*+@127\.0\.0\.1:1\/0/)
    const found = mistakesOf('redis: { url: "http://u:hunter2@h" }\nkafka: { sasl: { password: [hunter2] } }').join()
    assert.match(found, /redis\.url must be redis:\/\/host:port/)
    assert.doesNotMatch(found, /hunter2/)
  })
})
