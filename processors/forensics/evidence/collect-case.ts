// Collects the evidence of an alert: its story, the events of the tree with their original bytes, what is known of losses, and the rule.
import { TOPICS, type TopicKey } from '../../../infra/topic-log/topics.js'
import type { Codec } from '../../../schemas/codec.js'
import { bytesAsBase64 } from '../../../schemas/record-json.js'
import { schemaJson } from '../../../schemas/tree/schema-json.js'
import { readSchemaId } from '../../../schemas/wire-format.js'
import type { PastPlace, PastReader } from '../history/past-reader.js'
import { feedStory, type FoundAlert, isOver } from '../story/read-story.js'
import { storyPage } from '../story/story-page.js'
import { type Story, StoryBuilder, type StoryEvent, type Window } from '../story/story.js'
import { sealCase } from './case-manifest.js'

/** Bounds of the events of a case. */
const MAX_EVENTS = 50_000
const MAX_BYTES = 64 << 20

const README = `Evidence of an alert, written by Eunomia.

manifest.json     what the case is about, and the sha256 of every file: \`eunomia evidence verify FILE\` compares them
alert.json        the alert
story.html        the process tree around it, for a browser; story.json is the same as data
ledger.json       events that are missing in the window: gaps in their numbers, losses that the collector reported, what could not be read
rule.json         the rule as it is where the case was written, and whether it is the version that alerted; rules/ has its file
events/           the events of the processes of the tree, of containers, alerts and heartbeats, a JSON object a line
records/          the same records as they are in their topics: bytes in base64, with the id of their schema
schemas/          the Avro schemas of these ids
`

/** A rule with its file. */
export interface CaseRule {
  /** What is known of it, as JSON. */
  readonly about: object
  readonly file: { readonly name: string; readonly text: string } | null
}

/** A case that is ready to be written. */
export interface CollectedCase {
  readonly zip: Uint8Array
  readonly manifestSha256: string
  readonly story: Story
  readonly events: number
  /** Events that found no room. */
  readonly beyond: number
}

/** Reads the story and its events. @param source where the alert itself comes from: one of a file is what its giver says. The same records give the same bytes. @throws EunomiaError when neither a broker nor the archive answers */
export async function collectCase(
  found: FoundAlert,
  source: 'topic' | 'file',
  window: Window,
  reader: PastReader,
  codec: Codec,
  rule: CaseRule,
): Promise<CollectedCase> {
  const { alert } = found
  const builder = new StoryBuilder(alert, window)
  const kept = new KeptRecords(codec)
  await feedStory(found, window, reader, (event, place) => {
    if (builder.add(event)) kept.add(event, place)
  })
  const story = builder.story(reader.unread, isOver(window))
  const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, bytesAsBase64, 2)}\n`)
  const files = new Map<string, Uint8Array>([
    ['README.txt', Buffer.from(README)],
    ['alert.json', json(alert)],
    ['story.json', json(story)],
    ['story.html', Buffer.from(storyPage(story))],
    ['ledger.json', json({ ...story.missing, unread: story.unread, beyond: kept.beyond })],
    ['rule.json', json(rule.about)],
    ...(rule.file === null ? [] : [[`rules/${plainName(rule.file.name)}`, Buffer.from(rule.file.text)] as const]),
    ...kept.files(),
  ])
  return {
    ...sealCase(files, story, { alertSource: source, events: kept.count, eventsBeyond: kept.beyond }),
    story,
    events: kept.count,
    beyond: kept.beyond,
  }
}

/** Records as lines, by topic. */
class KeptRecords {
  readonly #codec: Codec
  readonly #events = new Map<TopicKey, string[]>()
  readonly #records = new Map<TopicKey, string[]>()
  readonly #schemas = new Map<number, string>()
  #bytes = 0
  count = 0
  beyond = 0

  constructor(codec: Codec) {
    this.#codec = codec
  }

  add({ topic, record }: StoryEvent, place: PastPlace): void {
    const { partition, offset, timestampMs, keyBytes, keyStart, keyEnd, valueBytes, valueStart, valueEnd } = place
    if (this.count >= MAX_EVENTS || this.#bytes >= MAX_BYTES) {
      this.beyond++
      return
    }
    const schemaId = readSchemaId(valueBytes, valueStart, valueEnd, topic)
    const schema = this.#schemas.has(schemaId) ? undefined : this.#codec.writerSchema(topic, schemaId)
    if (schema !== undefined) this.#schemas.set(schemaId, `${JSON.stringify(schemaJson(schema), null, 2)}\n`)
    const key = keyStart < 0 ? null : Buffer.from(keyBytes.subarray(keyStart, keyEnd)).toString('base64')
    const value = Buffer.from(valueBytes.subarray(valueStart, valueEnd)).toString('base64')
    const at = { topic: TOPICS[topic].name, partition, offset }
    line(this.#events, topic, JSON.stringify({ ...at, ...record }, bytesAsBase64))
    line(this.#records, topic, JSON.stringify({ ...at, timestampMs, schemaId, key, value }))
    this.#bytes += valueEnd - valueStart
    this.count++
  }

  *files(): Generator<readonly [string, Uint8Array]> {
    for (const [topic, lines] of this.#events) yield [`events/${topic}.jsonl`, joined(lines)]
    for (const [topic, lines] of this.#records) yield [`records/${topic}.jsonl`, joined(lines)]
    for (const [id, text] of [...this.#schemas].sort(([a], [b]) => a - b)) yield [`schemas/${String(id)}.avsc`, Buffer.from(text)]
  }
}

function line(lines: Map<TopicKey, string[]>, topic: TopicKey, json: string): void {
  const own = lines.get(topic)
  if (own === undefined) lines.set(topic, [`${json}\n`])
  else own.push(`${json}\n`)
}

/** As bytes, since one text can't be longer than 512 MiB. */
function joined(lines: readonly string[]): Uint8Array {
  return Buffer.concat(lines.map((one) => Buffer.from(one)))
}

/** As a case may name a file. */
function plainName(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+/, '_')
}
