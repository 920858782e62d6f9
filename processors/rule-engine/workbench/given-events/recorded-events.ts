// Recorded events to try rules on: JSON lines as `collect --output json` prints them. Container facts come from `container` lines anywhere in
// the file (on standard input: before the event). The facts of a container without such a line count as absent.
import { createReadStream } from 'node:fs'
import { UsageError, messageOf } from '../../../../infra/process/errors.js'
import { RULE_TOPICS, type ContainerKnowledge, type RuleEvent, type RuleRecord, type RuleTopic } from '../../fields/rule-event.js'
import { Codec } from '../../../../schemas/codec.js'
import type { ContainerFacts } from '../../../../schemas/generated/types.js'
import { RecordJsonError, recordFromJson } from '../../../../schemas/record-json.js'
import type { TopicRecords } from '../../../../schemas/topics.js'
import { MAX_LINE_BYTES, readLines } from '../../../../infra/process/json-lines.js'

const CONTAINER_LINE = /^\s*\{\s*"topic"\s*:\s*"container"/

/** Maximum containers whose facts are stored; the facts of others count as absent. */
const MAX_CONTAINERS = 100_000

/** Counts of what was read from a file. */
export interface ReadCounts {
  events: number
  /** Lines of topics that no rule reads. */
  otherTopics: number
  /** Containers whose facts exceeded the maximum. */
  containersRefused: number
}

/** Reads a file line by line, `-` for standard input. */
export class RecordedEvents {
  readonly counts: ReadCounts = { events: 0, otherTopics: 0, containersRefused: 0 }
  readonly #path: string
  readonly #codec = new Codec()
  readonly #facts = new Map<string, ContainerFacts>()

  constructor(path: string) {
    this.#path = path
  }

  /** The events, in order. @throws UsageError with the line, for a file that can't be read or a line that is no event */
  async *read(): AsyncGenerator<RuleEvent> {
    let number = 0
    try {
      if (this.#path !== '-') await this.#learnFacts()
      for await (const line of readLines(this.#path === '-' ? process.stdin : createReadStream(this.#path))) {
        number++
        if (line === '') continue
        const event = this.#take(line, number)
        if (event === null) continue
        this.counts.events++
        yield { event, container: this.#knowledgeOf(event) }
      }
    } catch (error) {
      if (error instanceof UsageError || !(error instanceof Error) || !('syscall' in error)) throw error
      throw new UsageError(`${this.#path}: can't be read: ${messageOf(error)}`, { cause: error })
    }
  }

  /** Facts often come after the first events of their container. An invalid line is reported when it is read as an event. */
  async #learnFacts(): Promise<void> {
    for await (const line of readLines(createReadStream(this.#path))) {
      if (line === null || !CONTAINER_LINE.test(line)) continue
      try {
        this.#learn(this.#record('container', JSON.parse(line)))
      } catch {
        continue
      }
    }
  }

  #take(line: string | null, number: number): RuleRecord | null {
    const fail = (what: string): never => {
      throw new UsageError(`${this.#path}:${String(number)}: ${what}`)
    }
    if (line === null) return fail(`the line is longer than ${String(MAX_LINE_BYTES)} bytes`)
    try {
      const { topic, value } = topicOf(JSON.parse(line))
      if (topic === 'container') this.#learn(this.#record('container', value))
      const known = RULE_TOPICS.find((candidate) => candidate === topic)
      if (known !== undefined) return this.#event(known, value)
      if (topic !== 'container') this.counts.otherTopics++
      return null
    } catch (error) {
      if (error instanceof SyntaxError) return fail(`invalid JSON: ${error.message}`)
      if (error instanceof RecordJsonError) return fail(`no event as \`eunomia collect --output json\` prints it: ${error.message}`)
      throw error
    }
  }

  #event(topic: RuleTopic, value: unknown): RuleRecord {
    switch (topic) {
      case 'process':
        return { topic, record: this.#record(topic, value) }
      case 'file':
        return { topic, record: this.#record(topic, value) }
      case 'network':
        return { topic, record: this.#record(topic, value) }
      case 'kernel':
        return { topic, record: this.#record(topic, value) }
    }
  }

  #record<Key extends RuleTopic | 'container'>(topic: Key, value: unknown): TopicRecords[Key] {
    return recordFromJson(this.#codec.schema(topic), value) as TopicRecords[Key]
  }

  #learn({ containerId, facts }: TopicRecords['container']): void {
    if (facts === null) return
    if (!this.#facts.has(containerId) && this.#facts.size >= MAX_CONTAINERS) this.counts.containersRefused++
    else this.#facts.set(containerId, facts)
  }

  #knowledgeOf({ record: { process } }: RuleRecord): ContainerKnowledge {
    const { containerId, containerClaim, isContainerUnknown } = process
    if (containerId === null) {
      if (containerClaim !== null) return { state: 'absent', containerId: containerClaim, isClaimed: true }
      return isContainerUnknown ? { state: 'absent', containerId: undefined, isClaimed: false } : { state: 'host' }
    }
    const facts = this.#facts.get(containerId)
    return facts === undefined ? { state: 'absent', containerId, isClaimed: false } : { state: 'known', containerId, facts }
  }
}

function topicOf(value: unknown): { readonly topic: string; readonly value: unknown } {
  if (typeof value !== 'object' || value === null || !('topic' in value) || typeof value.topic !== 'string') {
    throw new RecordJsonError('expected an object with a topic')
  }
  return { topic: value.topic, value }
}
