// A local Kafka with one node (broker and controller in one process), for trials, tests and benches. Not for a fleet.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../process/logger.js'
import { kafkaJars } from './artifacts.js'
import { runCommand } from './command.js'
import { startService, type LocalService, type ServiceCommand } from './local-service.js'
import { askPort, choosePorts } from './ports.js'
import type { ServicePorts } from './service-state.js'

const JAVA_FIX = 'install a Java runtime (apt-get install default-jre-headless)'
// A small heap and only the first JIT tier: it starts in 2 s and leaves the CPU to the tests and benches.
const JVM_FLAGS = ['-Xmx512m', '-Xms128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
// ApiVersions v0: size, api key 18, version 0, correlation id 1, null client id. Kafka answers it once the broker takes requests.
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])

/** Options of the local Kafka. */
export interface KafkaServiceOptions {
  /** Folder of data, log, pid and ports. The same folder has the same topics and, if they are free, the same ports. */
  readonly stateFolder: string
  /** Default: free ports. */
  readonly ports?: { readonly broker?: number; readonly controller?: number }
  /** Override lines of server.properties. */
  readonly properties?: Readonly<Record<string, string>>
}

/** Address of the broker. */
export function kafkaAddress(ports: ServicePorts): string {
  return `127.0.0.1:${String(ports['broker'])}`
}

/**
 * Starts Kafka, or finds it running in this state folder.
 * @throws StackFailedError, PortInUseError, StateFolderError
 */
export async function startKafka(options: KafkaServiceOptions, log: Logger): Promise<LocalService> {
  const folder = options.stateFolder
  return await startService(
    {
      name: 'kafka',
      folder,
      addressOf: kafkaAddress,
      choosePorts: async (remembered) => await choosePorts(['broker', 'controller'], options.ports ?? {}, remembered),
      prepare: async (ports) => await prepareKafka(folder, ports, options.properties ?? {}, log),
      isReady: async (ports) => (await askPort(ports['broker'] ?? 0, API_VERSIONS)) !== undefined,
      startTimeoutMs: 60_000,
      fix: 'see its log; free memory (it needs about 500 MB) or remove the state folder to start over',
    },
    log,
  )
}

async function prepareKafka(
  folder: string,
  ports: ServicePorts,
  extra: Readonly<Record<string, string>>,
  log: Logger,
): Promise<ServiceCommand> {
  const classPath = join(await kafkaJars(log), '*')
  const properties = join(folder, 'server.properties')
  const data = join(folder, 'data')
  await writeFile(properties, serverProperties(data, ports, extra))
  if (!existsSync(join(data, 'meta.properties'))) {
    // An interrupted format leaves a folder that the next one refuses.
    await rm(data, { recursive: true, force: true })
    const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId(), '--config', properties]
    await runCommand('java', [...JVM_FLAGS, '-cp', classPath, ...format], { fix: JAVA_FIX })
  }
  return {
    command: 'java',
    args: [...JVM_FLAGS, '-cp', classPath, 'kafka.Kafka', properties],
  }
}

/** A UUID of version 4 as Kafka writes it, without a dash at its begin, which would be a flag. @see org.apache.kafka.common.Uuid */
function clusterId(): string {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url').replace(/^-/, '_')
}

function serverProperties(data: string, ports: ServicePorts, extra: Readonly<Record<string, string>>): string {
  const broker = `PLAINTEXT://${kafkaAddress(ports)}`
  const controller = `127.0.0.1:${String(ports['controller'])}`
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    // The voters are in the configuration instead of the metadata log, so that a later start may use other ports.
    'controller.quorum.voters': `1@${controller}`,
    listeners: `${broker},CONTROLLER://${controller}`,
    'advertised.listeners': broker,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': data,
    'auto.create.topics.enable': 'false',
    // After a kill, the controller accepts the new broker only when the session of the old one has expired, by default after 9 s.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'group.initial.rebalance.delay.ms': '0',
    // What a killed member leaves open holds up its successor until the broker looks for it, by default every 10 s.
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    ...extra,
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
