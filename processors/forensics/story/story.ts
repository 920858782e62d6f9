// The story of an alert: what its process, its ancestors, siblings and descendants did around it, from the events of its host. Reads no topic itself;
// the result is plain data, bounded, and all its texts are untrusted.
import { TOPICS } from '../../../infra/topic-log/topics.js'
import type { Alert, ContainerEvent, ContainerFacts, HostEvent, NetworkEvent, Origin } from '../../../schemas/generated/types.js'
import type { RuleRecord } from '../../rule-engine/fields/rule-event.js'
import { EventGaps, type MissingEvents } from './event-gaps.js'
import { boundedText } from './process-activity.js'
import { ProcessGraph } from './process-graph.js'
import { type StoryTree, storyTree } from './story-tree.js'

/** Bounds of what is remembered of a host. */
const MAX_NAMES = 10_000
const MAX_CONTAINERS = 1_000
const MAX_BOOTS = 16
const MAX_LIFE = 50
/** Alerts of a story, at most. */
const MAX_ALERTS = 10_000

/** An event of the host of an alert. */
export type StoryEvent =
  | RuleRecord
  | { readonly topic: 'container'; readonly record: ContainerEvent }
  | { readonly topic: 'host'; readonly record: HostEvent }
  | { readonly topic: 'alerts'; readonly record: Alert }

/** A time span; Unix time, microseconds, both ends included. */
export interface Window {
  readonly fromUs: number
  readonly toUs: number
}

/** A container as of the window. */
export interface StoryContainer {
  readonly containerId: string
  readonly runtime: string | null
  readonly name: string | null
  readonly image: string | null
  readonly imageDigest: string | null
  readonly pod: { readonly name: string; readonly namespace: string } | null
  readonly isPrivileged: boolean | null
  /** What its runtime reported in the window: started, stopped ... */
  readonly life: readonly { readonly type: string; readonly atUs: number }[]
}

type KnownContainer = Omit<StoryContainer, 'containerId' | 'life'>
const NOTHING_KNOWN: KnownContainer = { runtime: null, name: null, image: null, imageDigest: null, pod: null, isPrivileged: null }

/** Another boot of the host in the window: its processes are others, even with equal pids. */
export interface OtherBoot {
  readonly bootId: string
  events: number
  firstUs: number
  lastUs: number
}

/** The story. */
export interface Story {
  readonly alert: Pick<
    Alert,
    'alertId' | 'rule' | 'ruleId' | 'ruleVersion' | 'ruleSetHash' | 'priority' | 'output' | 'eventTopic' | 'eventType' | 'path' | 'facts'
  >
  readonly atUs: number
  readonly hostId: string
  readonly hostName: string
  readonly bootId: string
  readonly window: Window
  readonly container: StoryContainer | null
  /** Of all processes of the tree. */
  readonly containers: readonly StoryContainer[]
  readonly tree: StoryTree
  /** Events of the host in the window, and those that are of processes of the tree. */
  readonly events: number
  readonly eventsOfTree: number
  /** Events, alerts and names that found no room. */
  readonly beyond: number
  readonly otherBoots: readonly OtherBoot[]
  readonly missing: MissingEvents
  /** Why records of the window could not be read, one sentence each. */
  readonly unread: readonly string[]
}

/** Builds the story from events in any order; those of a process best before those of others that it started. */
export class StoryBuilder {
  readonly #alert: Alert
  readonly #window: Window
  readonly #graph: ProcessGraph
  readonly #gaps: EventGaps
  readonly #names = new Map<string, string>()
  readonly #containers = new Map<string, { readonly atUs: number; readonly known: KnownContainer }>()
  readonly #lives: { readonly containerId: string; readonly type: string; readonly atUs: number }[] = []
  readonly #boots = new Map<string, OtherBoot>()
  readonly #alertIds = new Set<string>()
  #events = 0
  #eventsOfTree = 0
  #beyond = 0

  constructor(alert: Alert, window: Window) {
    this.#alert = alert
    this.#window = window
    this.#graph = new ProcessGraph(alert)
    this.#gaps = new EventGaps(window.fromUs, window.toUs)
    this.#addAlert(alert)
  }

  /** Takes an event. @returns whether it belongs to the story; events of other hosts, times and processes do not */
  add(event: StoryEvent): boolean {
    const { origin } = event.record
    const { hostId, bootId } = this.#alert.origin
    if (origin.hostId !== hostId) return false
    if (event.topic === 'host') {
      this.#gaps.heartbeat(event.record)
      return true
    }
    if (event.topic === 'container') return this.#container(event.record)
    const isIn = origin.wallTimeUs >= this.#window.fromUs && origin.wallTimeUs <= this.#window.toUs
    if (event.topic === 'alerts') return isIn && origin.bootId === bootId && this.#addAlert(event.record)
    const isNew = origin.bootId !== bootId || this.#gaps.saw(TOPICS[event.topic].name, origin)
    if (!isIn || !isNew) return false
    this.#events++
    if (origin.bootId === bootId) return this.#event(event)
    this.#otherBoot(origin)
    return false
  }

  /** @param unread why records of the window could not be read @param isOver all of the window has happened */
  story(unread: readonly string[] = [], isOver = true): Story {
    const alert = this.#alert
    const { alertId, rule, ruleId, ruleVersion, ruleSetHash, priority, output, eventTopic, eventType, path, facts, origin } = alert
    const tree = storyTree(this.#graph, alert, origin.wallTimeUs - origin.bootTimeUs)
    return {
      alert: {
        alertId: boundedText(alertId),
        rule: boundedText(rule),
        ruleId: boundedText(ruleId),
        ruleVersion,
        ruleSetHash,
        priority,
        output: boundedText(output),
        eventTopic,
        eventType,
        path: path === null ? null : boundedText(path),
        facts,
      },
      atUs: origin.wallTimeUs,
      hostId: origin.hostId,
      hostName: boundedText(origin.hostName),
      bootId: origin.bootId,
      window: this.#window,
      container: alert.containerId === null ? null : this.#containerOf(alert.containerId),
      containers: [...this.#graph.containerIds].slice(0, MAX_CONTAINERS).map((id) => this.#containerOf(id)),
      tree,
      events: this.#events,
      eventsOfTree: this.#eventsOfTree,
      beyond: this.#beyond + this.#graph.beyond,
      otherBoots: [...this.#boots.values()],
      missing: this.#gaps.result(isOver),
      unread,
    }
  }

  #event(event: RuleRecord): boolean {
    if (event.topic === 'network') this.#learnName(event.record)
    const node = this.#graph.observe(event.record.process, event.record.origin)
    if (node === null) return false
    this.#eventsOfTree++
    switch (event.topic) {
      case 'process':
        this.#graph.life(node, event.record)
        break
      case 'file':
        node.activity.file(event.record)
        break
      case 'network':
        node.activity.network(event.record, this.#names.get(event.record.remoteAddress ?? '') ?? null)
        break
      case 'kernel':
        node.activity.kernel(event.record)
    }
    return true
  }

  /** Answers of DNS name the addresses of later connections. */
  #learnName({ dns }: NetworkEvent): void {
    if (dns?.isResponse !== true) return
    for (const { value } of dns.answers) {
      if (value === null) continue
      if (this.#names.size >= MAX_NAMES && !this.#names.has(value)) this.#beyond++
      else this.#names.set(value, boundedText(dns.questionName))
    }
  }

  /** An alert comes twice: as the one that the story is of, and from its topic. */
  #addAlert(alert: Alert): boolean {
    if (this.#alertIds.has(alert.alertId)) return alert.alertId === this.#alert.alertId
    if (this.#alertIds.size >= MAX_ALERTS) {
      this.#beyond++
      return false
    }
    const node = this.#graph.observe(alert.process, alert.origin)
    if (node === null) return false
    this.#alertIds.add(alert.alertId)
    this.#graph.alert(node, alert)
    return true
  }

  /** Facts as of then: those that were published last before the end of the window. */
  #container(event: ContainerEvent): boolean {
    const { containerId, facts, origin, type } = event
    if (origin.wallTimeUs > this.#window.toUs) return false
    const before = this.#containers.get(containerId)
    const isLatest = before === undefined ? this.#containers.size < MAX_CONTAINERS * 10 : origin.wallTimeUs >= before.atUs
    if (facts !== null && isLatest) this.#containers.set(containerId, { atUs: origin.wallTimeUs, known: knownOf(facts, event.runtime) })
    const isLife = type !== 'facts' && origin.wallTimeUs >= this.#window.fromUs
    if (isLife && this.#lives.length < MAX_CONTAINERS * 10) this.#lives.push({ containerId, type, atUs: origin.wallTimeUs })
    return this.#graph.containerIds.has(containerId)
  }

  #containerOf(containerId: string): StoryContainer {
    const { containerId: ofAlert, container } = this.#alert
    const alerted = containerId === ofAlert && container !== null ? knownOf(container, null) : NOTHING_KNOWN
    const life = this.#lives
      .filter((one) => one.containerId === containerId)
      .slice(0, MAX_LIFE)
      .map(({ type, atUs }) => ({ type, atUs }))
      .sort((a, b) => a.atUs - b.atUs)
    return { containerId, ...(this.#containers.get(containerId)?.known ?? alerted), life }
  }

  #otherBoot({ bootId, wallTimeUs }: Origin): void {
    let boot = this.#boots.get(bootId)
    if (boot === undefined) {
      if (this.#boots.size >= MAX_BOOTS) return void this.#beyond++
      boot = { bootId, events: 0, firstUs: wallTimeUs, lastUs: wallTimeUs }
      this.#boots.set(bootId, boot)
    }
    boot.events++
    boot.firstUs = Math.min(boot.firstUs, wallTimeUs)
    boot.lastUs = Math.max(boot.lastUs, wallTimeUs)
  }
}

/** What a story keeps of the facts of a container. */
export function knownOf({ name, image, imageDigest, pod, isPrivileged }: ContainerFacts, runtime: string | null): KnownContainer {
  return {
    runtime,
    name: boundedText(name),
    image: boundedText(image),
    imageDigest: imageDigest === null ? null : boundedText(imageDigest),
    pod: pod === null ? null : { name: boundedText(pod.name), namespace: boundedText(pod.namespace) },
    isPrivileged,
  }
}
