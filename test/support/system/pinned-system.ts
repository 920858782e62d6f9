// A collector with pinned probes, over a real Kafka, in a fresh cgroup: a test starts it, kills it and starts it again. Removes its pins.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { hostPinFolder } from '../../../native/pins.js'
import type { ProcessEvent } from '../../../schemas/generated/types.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { makeCgroup, type CgroupFolder } from '../../e2e/native/cgroup-folder.js'
import type { Workloads } from '../../e2e/native/workload.js'
import { distinctEvents } from './event-ledger.js'
import type { EunomiaProcess } from './eunomia-process.js'
import { FollowedTopic } from './followed-topic.js'
import { TestSystem } from './test-system.js'

/** A socket without a listener: no runtime reports containers here. */
const NO_SOCKET = '/proc/self/nowhere/docker.sock'

/** @see TestSystem */
export class PinnedSystem {
  readonly system: TestSystem
  readonly cgroup: CgroupFolder
  readonly #workloads: Workloads
  readonly #processes: FollowedTopic<'process'>

  private constructor(system: TestSystem, workloads: Workloads, processes: FollowedTopic<'process'>) {
    this.system = system
    this.cgroup = makeCgroup()
    this.#workloads = workloads
    this.#processes = processes
  }

  static async open(kafka: KafkaConfig, workloads: Workloads, environment: Readonly<Record<string, string>> = {}): Promise<PinnedSystem> {
    const system = new TestSystem({
      kafka,
      redisUrl: 'redis://127.0.0.1:1',
      rules: '[]',
      environment: { EUNOMIA_COLLECTOR_PINS: 'true', EUNOMIA_COLLECTOR_HEARTBEAT_MS: '500', ...environment },
    })
    return new PinnedSystem(system, workloads, await FollowedTopic.open(kafka, 'process'))
  }

  async collect(...settings: readonly string[]): Promise<EunomiaProcess> {
    return await this.system.collect('--docker-socket', NO_SOCKET, ...settings.flatMap((setting) => ['--set', setting]))
  }

  /** Executes `count` programs in the cgroup. */
  execs(count: number): void {
    this.#workloads.run('execs', [this.cgroup.procs, String(count)])
  }

  /** Distinct events of the cgroup that are in the topic so far. */
  events(type: ProcessEvent['type']): ProcessEvent[] {
    const id = this.cgroup.id.toString()
    return distinctEvents(this.#processes.records.filter((event) => event.type === type && event.process.cgroupId === id))
  }

  /** Sets of pins of this host. */
  pinnedSets(): string[] {
    try {
      return readdirSync(hostPinFolder(this.system.hostId))
    } catch {
      return []
    }
  }

  /** Events of a kind that the programs only counted, because nobody read. */
  unread(kind: number): number {
    return this.#sumOf<{ kinds: number[] }>('unread', ({ kinds }) => kinds[kind])
  }

  /** Events of a kind that the rings had no room for. */
  dropped(kind: number): number {
    return this.#sumOf<{ dropped: number[] }>('counters', ({ dropped }) => dropped[kind])
  }

  /** Sum over the CPUs of a number in a pinned map. */
  #sumOf<Value>(name: string, numberIn: (value: Value) => number | undefined): number {
    const [set = ''] = this.pinnedSets()
    const map = join(hostPinFolder(this.system.hostId), set, `map_${name}`)
    const dump = spawnSync('/usr/sbin/bpftool', ['--json', 'map', 'dump', 'pinned', map], { encoding: 'utf8' })
    const [entry] = JSON.parse(dump.stdout) as { formatted: { values: { value: Value }[] } }[]
    return entry?.formatted.values.reduce((sum, { value }) => sum + (numberIn(value) ?? 0), 0) ?? 0
  }

  async unload(): Promise<number | null> {
    return await this.system.start('collect', '--unload').ended()
  }

  async close(): Promise<void> {
    await this.#processes.close()
    await this.system.end()
    await this.unload()
    await this.system.close()
    this.cgroup.remove()
  }
}
