// Three brokers for a single test, which are also controllers: the cluster survives the loss of any one of them.
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTopics } from '../../../infra/kafka/admin.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { startKafka } from '../../../infra/local/kafka-service.js'
import type { LocalService } from '../../../infra/local/local-service.js'
import { freePort } from '../../../infra/local/ports.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { testServiceFolder } from './services.js'

const NODES = [1, 2, 3] as const

/** A cluster, its settings for clients, and its nodes by number from 0. */
export interface KafkaClusterOfThree {
  readonly config: KafkaConfig
  kill9(node: number): Promise<void>
  restart(node: number): Promise<void>
  stop(): Promise<void>
}

/** Starts a cluster and creates its topics, each partition on all three brokers. */
export async function startKafkaCluster(partitions: number): Promise<KafkaClusterOfThree> {
  const root = await testServiceFolder('kafka-cluster')
  const clusterId = randomBytes(16).toString('base64url')
  const ports = await Promise.all(NODES.map(async () => ({ broker: await freePort(), controller: await freePort() })))
  const voters = ports.map(({ controller }, index) => `${String(index + 1)}@127.0.0.1:${String(controller)}`).join(',')
  const start = async (index: number): Promise<LocalService> => {
    const properties = {
      'node.id': String(index + 1),
      'controller.quorum.voters': voters,
      'offsets.topic.replication.factor': '3',
      'broker.session.timeout.ms': '2000',
      'broker.heartbeat.interval.ms': '250',
      'controller.quorum.election.timeout.ms': '500',
      'controller.quorum.fetch.timeout.ms': '1000',
      'replica.lag.time.max.ms': '2000',
    }
    return await startKafka({ stateFolder: join(root, `node-${String(index + 1)}`), ports: ports[index] ?? {}, properties }, SILENT_LOGGER)
  }
  // Written by formatting; otherwise each node would choose its own cluster id.
  for (const node of NODES) {
    const data = join(root, `node-${String(node)}`, 'data')
    await mkdir(data, { recursive: true })
    await writeFile(join(data, 'meta.properties'), `version=1\ncluster.id=${clusterId}\nnode.id=${String(node)}\n`)
  }
  const services = await Promise.all(NODES.map((_, index) => start(index)))
  const brokers = services.map(({ address }) => address)
  const config: KafkaConfig = { brokers, lingerMs: 5, sessionTimeoutMs: 6_000, requestTimeoutMs: 5_000 }
  await createTopics(config, { partitions, replicationFactor: 3 }, SILENT_LOGGER)
  return {
    config,
    kill9: async (node) => {
      await services[node]?.kill9()
    },
    restart: async (node) => {
      services[node] = await start(node)
    },
    stop: async () => {
      await Promise.all(services.map((service) => service.stop()))
    },
  }
}
