// TLS with a private authority, and SCRAM, at a real broker: the name in the certificate, the authority and the password are checked.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createTopics } from '../../../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../../../infra/kafka/kafka-config.js'
import { KafkaRefusedError, KafkaUnreachableError } from '../../../../infra/kafka/kafka-errors.js'
import { KafkaTopicLog } from '../../../../infra/kafka/kafka-topic-log.js'
import { kafkaJars } from '../../../../infra/local/artifacts.js'
import { startKafka } from '../../../../infra/local/kafka-service.js'
import type { LocalService } from '../../../../infra/local/local-service.js'
import { freePort } from '../../../../infra/local/ports.js'
import { SILENT_LOGGER, type Logger } from '../../../../infra/process/logger.js'
import { appendNumbers, compareNumbers, numbersIn } from '../../../support/load/numbered-load.js'
import { testServiceFolder } from '../../../support/services/services.js'
import { waitForCount } from '../../../support/wait-for.js'

const run = promisify(execFile)
const SCRAM = { mechanism: 'scram-sha-512', username: 'collector', password: 'a secret' } as const
const STORE_PASSWORD = 'of-the-test-only'

describe('infra/kafka over TLS with SCRAM', () => {
  let address: string
  let authority: Buffer
  let kafka: LocalService

  before(async () => {
    const folder = await testServiceFolder('tls')
    const stateFolder = join(folder, 'kafka')
    await mkdir(stateFolder, { recursive: true })
    const [store, certificate] = [join(stateFolder, 'broker.p12'), join(stateFolder, 'broker.pem')]
    const keytool = async (...args: string[]): Promise<unknown> =>
      await run('keytool', [...args, '-keystore', store, '-storepass', STORE_PASSWORD])
    await keytool(
      '-genkeypair',
      '-alias',
      'broker',
      '-keyalg',
      'EC',
      '-dname',
      'CN=localhost',
      '-ext',
      'SAN=dns:localhost',
      '-storetype',
      'PKCS12',
    )
    await keytool('-exportcert', '-rfc', '-alias', 'broker', '-file', certificate)
    authority = await readFile(certificate)
    const [broker, controller, secure] = [await freePort(), await freePort(), await freePort()]
    address = `localhost:${String(secure)}`
    const plain = `PLAINTEXT://127.0.0.1:${String(broker)}`
    kafka = await startKafka(
      {
        stateFolder,
        ports: { broker, controller },
        properties: {
          listeners: `${plain},SECURE://127.0.0.1:${String(secure)},CONTROLLER://127.0.0.1:${String(controller)}`,
          'advertised.listeners': `${plain},SECURE://${address}`,
          'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL',
          'listener.name.secure.ssl.keystore.location': store,
          'listener.name.secure.ssl.keystore.password': STORE_PASSWORD,
          'listener.name.secure.ssl.keystore.type': 'PKCS12',
          'listener.name.secure.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
          'listener.name.secure.scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
        },
      },
      SILENT_LOGGER,
    )
    // prettier-ignore
    await run('java', [
      '-cp', join(await kafkaJars(SILENT_LOGGER), '*'), 'kafka.admin.ConfigCommand', '--bootstrap-server', kafka.address,
      '--alter', '--entity-type', 'users', '--entity-name', SCRAM.username, '--add-config', `SCRAM-SHA-512=[password=${SCRAM.password}]`,
    ])
  })
  after(async () => {
    await kafka.stop()
  })

  const config = (change: Partial<KafkaConfig> = {}): KafkaConfig => ({
    brokers: [address],
    sasl: SCRAM,
    tls: { ca: authority },
    ...change,
  })
  const appender = async (settings: KafkaConfig, log: Logger = SILENT_LOGGER): Promise<unknown> => {
    const topics = new KafkaTopicLog(settings, log)
    const ignore = (): void => undefined
    return await topics.appender(ignore, ignore).finally(() => topics.close())
  }

  it('creates topics, publishes and reads', async () => {
    await createTopics(config(), { partitions: 2 }, SILENT_LOGGER)
    const log = new KafkaTopicLog(config(), SILENT_LOGGER)
    const ignore = (): void => undefined
    const publisher = await log.appender(ignore, ignore)
    appendNumbers(publisher, 'process', 1, 500)
    await publisher.flush()
    await log.close()
    assert.deepEqual(compareNumbers(await numbersIn(config(), 'process', 500), 500), { missing: 0, repeated: 0, isOrdered: true })
  })

  it('ends at once with a wrong password', async () => {
    await assert.rejects(appender(config({ sasl: { ...SCRAM, password: 'wrong' } })), KafkaRefusedError)
  })

  it('trusts no broker with an unknown authority or another name', async () => {
    for (const settings of [config({ tls: true }), config({ brokers: [address.replace('localhost', '127.0.0.1')] })]) {
      const reasons: string[] = []
      const log: Logger = { ...SILENT_LOGGER, warn: (facts) => reasons.push(String(facts['error'])) }
      const topics = new KafkaTopicLog(settings, log)
      const ignore = (): void => undefined
      const ended = assert.rejects(topics.appender(ignore, ignore), KafkaUnreachableError)
      await waitForCount('the reason', () => reasons.length, 1)
      await topics.close()
      await ended
      assert.match(reasons[0] ?? '', /self-signed|certificate|altnames/i)
    }
  })
})
