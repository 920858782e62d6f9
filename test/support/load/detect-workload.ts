// Records, rules and containers for the function detect, as its bench measures them.
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import type { ContainerFacts, Origin, Process } from '../../../schemas/generated/types.js'
import type { Codec } from '../../../schemas/codec.js'
import { factsKey } from '../../../processors/membership/membership-key.js'
import { MemoryStore } from '../../../processors/membership/memory-store.js'
import { createCompiledEvaluator } from '../../../processors/rule-engine/compiled/compiled-evaluator.js'
import type { RuleMatching } from '../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { RULE_TOPICS, type RuleEvent, type RuleTopic } from '../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../processors/rule-engine/load/load-rules.js'
import { readRuleFiles } from '../../../processors/rule-engine/load/rule-files.js'
import type { RuleFile } from '../../../processors/rule-engine/read/rule-file.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'
import { eventMixture } from '../generator/event-mixture.js'
import { encodedEvent } from '../generator/stored-event.js'
import { falcoTargets, sigmaTargets } from '../generator/targets.js'
import { peerFolder, peerRules, PeerWorkload } from '../peer/peer-workload.js'
import { sampleContainerFacts, sampleFileEvent, sampleOrigin, sampleProcess, sampleProcessEvent } from '../records/sample-records.js'
import { ruleCorpus } from '../rule-corpus.js'

/** One record, keyed by its host. */
export interface LoadedRecord {
  readonly topic: RuleTopic
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** A container with the host that it runs on. */
export interface LoadedContainer {
  readonly origin: Origin
  readonly containerId: string
  readonly facts: ContainerFacts
}

/** What detect is to do. */
export interface DetectWorkload {
  readonly ruleSet: RuleSet
  readonly matching: RuleMatching
  readonly topics: readonly RuleTopic[]
  readonly records: readonly LoadedRecord[]
  readonly containers: readonly LoadedContainer[]
}

/** Builds a workload of at most so many records; null if it needs files that are not there. */
export type WorkloadSource = (codec: Codec, count: number) => DetectWorkload | null

export const WORKLOADS = { open: openWorkload, process: processWorkload, mixture: mixtureWorkload, peer: peerWorkload } satisfies Record<
  string,
  WorkloadSource
>

/** A store that knows all containers. */
export async function storeOf(codec: Codec, containers: readonly LoadedContainer[]): Promise<MemoryStore> {
  const store = new MemoryStore()
  const event = { type: 'facts', runtime: 'docker', cgroupId: null, cgroupPath: null, initPid: null, exitCode: null } as const
  const rest = { isOomKilled: null, reason: null }
  await store.write(
    containers.map(({ origin, containerId, facts }) => {
      const value = codec.encode('container', { ...event, ...rest, containerId, facts, origin })
      return { key: factsKey(origin, containerId), bootTimeUs: 1, value }
    }),
  )
  return store
}

function rulesOf(files: readonly RuleFile[]): RuleSet {
  const { ruleSet, errors } = loadRules(files)
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'))
  return ruleSet
}

const shippedRules = (): RuleSet => rulesOf(readRuleFiles([join(packageRoot(), 'rules')]).files)

const SAMPLES = 1_000
const CONTAINERS = 50
/** One open in so many reads a credential file, which a shipped rule is about. */
const ALERT_EVERY = 500
const CONTAINER_IDS = Array.from({ length: CONTAINERS }, (_, index) => index.toString(16).padStart(64, '0'))

/** Events of one host, half of them in containers. */
function sampleWorkload(
  topic: 'file' | 'process',
  encode: (index: number, process: Process, origin: Origin) => Uint8Array,
): DetectWorkload {
  const key = Buffer.from(sampleOrigin().hostId)
  const records = Array.from({ length: SAMPLES }, (_, index): LoadedRecord => {
    const containerId = index % 2 === 0 ? null : (CONTAINER_IDS[index % CONTAINERS] ?? null)
    const process = sampleProcess({ containerId, containerClaim: containerId })
    return { topic, key, value: encode(index, process, sampleOrigin({ seq: index + 1 })) }
  })
  const containers = CONTAINER_IDS.map((containerId) => ({ origin: sampleOrigin(), containerId, facts: sampleContainerFacts() }))
  return { ruleSet: shippedRules(), matching: 'first', topics: [topic], records, containers }
}

/** Opens with paths that come again. */
function openWorkload(codec: Codec): DetectWorkload {
  return sampleWorkload('file', (index, process, origin) => {
    const path = index % ALERT_EVERY === 0 ? '/etc/shadow' : `/srv/app-${String(index % 40)}/data/${String(index % 7)}.log`
    return codec.encode('file', sampleFileEvent({ path, process, origin }))
  })
}

/** Forks, execs and exits. */
function processWorkload(codec: Codec): DetectWorkload {
  const syscalls = { fork: 'clone', exec: 'execve', exit: 'UNKNOWN' } as const
  return sampleWorkload('process', (index, process, origin) => {
    const type = (['fork', 'exec', 'exit'] as const)[index % 3] ?? 'exec'
    return codec.encode('process', sampleProcessEvent({ type, syscall: syscalls[type], process, origin }))
  })
}

const SEED = 20_260_724
const MATCH_SHARE = 0.001

/** 70 % opens, 20 % execs, 10 % others, under all rules of Falco and Sigma, of which one matches one event of a thousand. */
function mixtureWorkload(codec: Codec, count: number): DetectWorkload | null {
  const corpus = ruleCorpus()
  if (corpus === null) return null
  const { falco, sigma } = corpus
  const ruleSet = rulesOf([...falco, ...sigma])
  const evaluator = createCompiledEvaluator(ruleSet)
  const textsOf = (files: readonly RuleFile[]): string[] => files.map(({ text }) => text)
  const events = eventMixture({
    seed: SEED,
    count,
    matchShare: MATCH_SHARE,
    targets: [...falcoTargets(textsOf(falco)), ...sigmaTargets(textsOf(sigma))],
    isMatch: (event) => evaluator.evaluate(event).matched.length > 0,
  })
  const records = events.map(({ event }): LoadedRecord => {
    return { topic: event.topic, key: Buffer.from(event.record.origin.hostId), value: encodedEvent(codec, event) }
  })
  return { ruleSet, matching: 'first', topics: RULE_TOPICS, records, containers: containersOf(events) }
}

function containersOf(events: readonly RuleEvent[]): LoadedContainer[] {
  return events.flatMap(({ event, container }): LoadedContainer[] => {
    if (container.state !== 'known') return []
    return [{ origin: event.record.origin, containerId: container.containerId, facts: container.facts }]
  })
}

/** The processes and rules of the peer. */
function peerWorkload(codec: Codec, count: number): DetectWorkload | null {
  const folder = peerFolder()
  if (folder === null) return null
  const peer = new PeerWorkload(folder)
  const records = Array.from({ length: count }, (): LoadedRecord => {
    const { origin, process } = peer.next()
    const value = codec.encode('process', sampleProcessEvent({ process, origin, filename: null, threadId: process.pid }))
    return { topic: 'process', key: Buffer.from(origin.hostId), value }
  })
  return { ruleSet: rulesOf([peerRules(folder)]), matching: 'all', topics: ['process'], records, containers: peer.containers }
}
