// The whole system as processes of their own over real services: collector with live probes, functions, Kafka, Redis. In a state folder of one
// test's own; ends only what it started.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { readCluster, type ClusterRecords } from './cluster-records.js'
import { EunomiaProcess } from './eunomia-process.js'

/** What a system depends on. */
export interface SystemGround {
  readonly kafka: KafkaConfig
  /** redis://host:port */
  readonly redisUrl: string
  /** Rules in Falco's syntax. */
  readonly rules: string
  /** More settings, as environment variables. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Commands over one ground. */
export class TestSystem {
  readonly folder = mkdtempSync(join(tmpdir(), 'eunomia-system-'))
  readonly #ground: SystemGround
  readonly #running: EunomiaProcess[] = []

  constructor(ground: SystemGround) {
    this.#ground = ground
    writeFileSync(this.#rulesFile, ground.rules)
  }

  get #rulesFile(): string {
    return join(this.folder, 'rules.yaml')
  }

  /** Identity of this host, once a collector was started. */
  get hostId(): string {
    return readFileSync(join(this.folder, 'state/host-id'), 'utf8').trim()
  }

  /** Any command. */
  start(...args: readonly string[]): EunomiaProcess {
    const { kafka, redisUrl, environment } = this.#ground
    const eunomia = new EunomiaProcess(args, {
      EUNOMIA_STATE_FOLDER: join(this.folder, 'state'),
      EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix ?? '',
      // The least that a broker admits: after a kill, the successor waits for so long.
      EUNOMIA_KAFKA_SESSION_TIMEOUT_MS: '6000',
      EUNOMIA_REDIS_URL: redisUrl,
      ...environment,
    })
    this.#running.push(eunomia)
    return eunomia
  }

  /** The collector, once it collects. */
  async collect(...args: readonly string[]): Promise<EunomiaProcess> {
    const collector = this.start('collect', ...args)
    await collector.says(/"msg":"collecting"/)
    return collector
  }

  /** Both functions in one process, once they are started. */
  async functions(): Promise<EunomiaProcess> {
    const functions = this.start('process', 'membership', 'detect', '--rules', this.#rulesFile)
    await functions.says(/"function":"detect","msg":"function started"/)
    return functions
  }

  /** Everything in the topics, or in some of them; call it when everything that writes has ended. */
  async records(topics?: readonly TopicKey[]): Promise<ClusterRecords> {
    return await readCluster(this.#ground.kafka, this.hostId, topics)
  }

  /** Kills what still runs. */
  async end(): Promise<void> {
    for (const eunomia of this.#running) await eunomia.kill()
  }

  /** Kills what still runs and removes the folder. */
  async close(): Promise<void> {
    await this.end()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
