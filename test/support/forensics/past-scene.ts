// A past for hunts: events, container facts and heartbeats in topics from arrays, of which an archive may have a part.
import type { TopicKey } from '../../../infra/topic-log/topics.js'
import { partitionOf } from '../../../infra/kafka/partitions.js'
import { planHunt, type HuntPlan, type HuntRequest } from '../../../processors/forensics/hunt/hunt-plan.js'
import { HuntMerge, type HuntResult } from '../../../processors/forensics/hunt/merge-results.js'
import { loadHuntRules } from '../../../processors/forensics/hunt/hunt-rules.js'
import { SliceRunner } from '../../../processors/forensics/hunt/run-slice.js'
import { LoggedHistory } from '../../../processors/forensics/history/logged-history.js'
import { Codec } from '../../../schemas/codec.js'
import type { Alert, ContainerEvent, Origin } from '../../../schemas/generated/types.js'
import type { TopicRecords } from '../../../schemas/topics.js'
import { sampleContainerFacts, sampleOrigin } from '../records/sample-records.js'
import { ArrayArchive, ArrayRanges, type PastPartition, type PastRecord } from './array-history.js'

/** Begin of the past, Unix microseconds. */
export const PAST_US = 1_800_000_000_000_000
const PARTITIONS = 2
const TOPICS = ['process', 'file', 'network', 'kernel', 'container', 'host'] as const

type Origined = 'process' | 'file' | 'network' | 'kernel' | 'container' | 'host'

/** What happened. */
export class PastScene {
  readonly codec = new Codec()
  readonly archive = new ArrayArchive()
  readonly #records = new Map<string, PastRecord[]>()
  readonly #firsts = new Map<string, number>()
  #seq = 0

  /** The origin of an event at a second of the past. */
  origin(second: number, change: Partial<Origin> = {}): Origin {
    const us = Math.round(second * 1e6)
    return sampleOrigin({ wallTimeUs: PAST_US + us, bootTimeUs: 1e9 + us, seq: ++this.#seq, ...change })
  }

  facts(containerId: string, second: number, change: Partial<ContainerEvent> = {}): ContainerEvent {
    return {
      ...{ type: 'facts', containerId, runtime: 'docker', facts: sampleContainerFacts() },
      ...{ cgroupId: null, cgroupPath: null, initPid: null, exitCode: null, isOomKilled: null, reason: null },
      origin: this.origin(second, { cpu: -1 }),
      ...change,
    }
  }

  /** Appends an event at its time. @param times how often, as a producer may that was not acknowledged */
  append<Topic extends Origined>(topic: Topic, record: TopicRecords[Topic], times = 1): void {
    const { hostId, wallTimeUs } = record.origin
    this.put(topic, this.codec.encode(topic, record), hostId, Math.floor(wallTimeUs / 1_000), times)
  }

  /** Appends any bytes. */
  put(topic: TopicKey, value: Uint8Array, key: string, timestampMs: number, times = 1): void {
    const place = placeOf(topic, partitionOf(Buffer.from(key), PARTITIONS))
    const records = this.#records.get(place) ?? []
    this.#records.set(place, records)
    for (let time = 0; time < times; time++) records.push({ offset: records.length, timestampMs, key, value })
  }

  /** Archives all of a topic in objects of some records. */
  archiveAll(topic: TopicKey, objectRecords = 10): void {
    for (const past of this.#partitions().filter((each) => each.topic === topic)) {
      for (let from = 0; from < past.end; from += objectRecords) this.archive.add(past, from, Math.min(from + objectRecords, past.end))
    }
  }

  /** Retention removes a part of each partition of a topic. */
  expire(topic: TopicKey, share: number): void {
    for (const { partition, end } of this.#partitions().filter((each) => each.topic === topic)) {
      this.#firsts.set(placeOf(topic, partition), Math.floor(end * share))
    }
  }

  history(): LoggedHistory {
    return new LoggedHistory({ ranges: new ArrayRanges(this.#partitions()), archive: this.archive, keyOf: (name) => name as TopicKey })
  }

  async plan(ruleText: string, change: Partial<HuntRequest> = {}): Promise<HuntPlan> {
    const rules = { files: [{ name: 'rules.yaml', text: ruleText }], matching: 'first' as const }
    return await planHunt({ fromMs: PAST_US / 1_000, toMs: PAST_US / 1_000 + 86_400_000, rules, ...change }, this.history())
  }

  /** Runs the slices of a plan, divided among workers, in this order of slices. */
  async hunt(
    plan: HuntPlan,
    workers = 1,
    order = [...plan.slices.keys()],
  ): Promise<{ readonly result: HuntResult; readonly alerts: readonly Alert[] }> {
    const alerts: Alert[] = []
    const { codec } = this
    const onRow = (bytes: Uint8Array): void => void alerts.push(codec.decode('alerts', bytes))
    const merge = new HuntMerge(plan, { ruleSet: loadHuntRules(plan.rules).ruleSet, codec, onRow })
    const runners = Array.from({ length: workers }, () => new SliceRunner(plan, { history: this.history(), codec: new Codec() }))
    for (const [turn, index] of order.entries()) {
      const [slice, runner] = [plan.slices[index], runners[turn % workers]]
      if (slice !== undefined && runner !== undefined) merge.add(index, await runner.run(slice, new AbortController().signal))
    }
    return { result: merge.finish(), alerts }
  }

  #partitions(): readonly PastPartition[] {
    return TOPICS.flatMap((topic) =>
      Array.from({ length: PARTITIONS }, (_, partition) => {
        const place = placeOf(topic, partition)
        const records = this.#records.get(place) ?? []
        return { topic, partition, first: this.#firsts.get(place) ?? 0, end: records.length, records }
      }),
    )
  }
}

function placeOf(topic: TopicKey, partition: number): string {
  return `${topic}/${String(partition)}`
}
