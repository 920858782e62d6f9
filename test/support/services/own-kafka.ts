// A broker for a single test, which the test may kill, and one that is reached only through a proxy.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createTopics } from '../../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { startKafka } from '../../../infra/local/kafka-service.js'
import type { LocalService } from '../../../infra/local/local-service.js'
import { freePort } from '../../../infra/local/ports.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { KafkaProxy } from './kafka-proxy.js'
import { testServiceFolder } from './services.js'

// The controller admits the successor of a killed broker only after the session of the dead one, 9 s by default.
const QUICK_RETURN = { 'broker.session.timeout.ms': '2000', 'broker.heartbeat.interval.ms': '250' }

/** A broker, its settings for clients, and how it is started again after a kill. */
export interface OwnKafka {
  readonly config: KafkaConfig
  /** Folder with a folder of segments for each partition. */
  readonly dataFolder: string
  service: LocalService
  restart(): Promise<void>
}

/** Starts a broker and creates its topics. @param properties additional ones of the broker */
export async function startOwnKafka(partitions: number, properties: Readonly<Record<string, string>> = {}): Promise<OwnKafka> {
  const stateFolder = join(await testServiceFolder('own-kafka'), 'kafka')
  const start = async (): Promise<LocalService> =>
    await startKafka({ stateFolder, properties: { ...QUICK_RETURN, ...properties } }, SILENT_LOGGER)
  const service = await start()
  const config: KafkaConfig = { brokers: [service.address], lingerMs: 5, sessionTimeoutMs: 6_000, requestTimeoutMs: 5_000 }
  await createTopics(config, { partitions }, SILENT_LOGGER)
  const kafka: OwnKafka = {
    config,
    dataFolder: join(stateFolder, 'data'),
    service,
    async restart() {
      kafka.service = await start()
    },
  }
  return kafka
}

/** A broker that clients reach through a proxy, while it connects to itself directly. */
export interface ProxiedKafka {
  readonly proxy: KafkaProxy
  /** Settings with topics of their own. */
  freshTopics(partitions: number): Promise<KafkaConfig>
  /** The same settings without the proxy. */
  directly(config: KafkaConfig): KafkaConfig
}

export async function startProxiedKafka(): Promise<ProxiedKafka> {
  const stateFolder = join(await testServiceFolder('proxied-kafka'), 'kafka')
  const [broker, controller, behind, front] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const address = (port: number): string => `127.0.0.1:${String(port)}`
  await startKafka(
    {
      stateFolder,
      ports: { broker, controller },
      properties: {
        listeners: `PLAINTEXT://${address(broker)},PROXIED://${address(behind)},CONTROLLER://${address(controller)}`,
        'advertised.listeners': `PLAINTEXT://${address(broker)},PROXIED://${address(front)}`,
        'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT',
      },
    },
    SILENT_LOGGER,
  )
  const proxy = new KafkaProxy(behind)
  await proxy.listen(front)
  return {
    proxy,
    directly: (config) => ({ ...config, brokers: [address(broker)] }),
    async freshTopics(partitions) {
      const topicPrefix = `t${randomUUID().slice(0, 8)}.`
      await createTopics({ brokers: [address(broker)], topicPrefix }, { partitions }, SILENT_LOGGER)
      return { brokers: [address(front)], topicPrefix, lingerMs: 2, sessionTimeoutMs: 6_000, requestTimeoutMs: 5_000 }
    },
  }
}
