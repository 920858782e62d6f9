// The file with sinks and routes (deliver.yaml), checked as a whole: each mistake with its line and column, all in one error.
import { dirname, resolve } from 'node:path'
import { type Document, isMap, isPair, LineCounter, type Node, parseDocument } from 'yaml'
import { readSettingsText } from '../../../infra/config/file-source.js'
import { JsonShape, type Mismatch, type Shaped, type TSchema, Type } from '../../../infra/config/json-shape.js'
import { ConfigError, type ConfigMistake } from '../../../infra/config/setting-value.js'
import { nearestName } from '../../../infra/text/nearest.js'
import { ROUTING, type Routing, unknownSinks } from '../routing/routes.js'
import { GROUPING, type GroupingSettings } from '../grouping/grouping.js'
import type { SinkKind } from '../sink.js'
import { KIND_NAMES, loadKind } from '../sinks/kinds.js'

/** Settings of every sink. */
const COMMON = Type.Object({
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 256 })),
  ratePerSecond: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
  timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 600_000 })),
  backoff: Type.Optional(
    Type.Object(
      {
        firstMs: Type.Optional(Type.Integer({ minimum: 10, maximum: 600_000 })),
        maxMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 3_600_000 })),
      },
      { additionalProperties: false },
    ),
  ),
  from: Type.Optional(Type.Enum(['earliest', 'latest'])),
  maxLag: Type.Optional(Type.Integer({ minimum: 100, maximum: 1_000_000 })),
  batch: Type.Optional(
    Type.Object(
      {
        alerts: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
        bytes: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 100_000_000 })),
      },
      { additionalProperties: false },
    ),
  ),
})

/** A sink as it runs, without its secrets. */
export interface SinkSettings {
  readonly name: string
  readonly kind: SinkKind
  /** Jobs at a time, in one instance; null for that of the kind. */
  readonly concurrency: number | null
  /** Alerts per second of one instance; null for no bound. */
  readonly ratePerSecond: number | null
  readonly timeoutMs: number
  readonly backoff: { readonly firstMs: number; readonly maxMs: number }
  /** Where a sink starts that has delivered nothing yet. */
  readonly from: 'earliest' | 'latest'
  /** Null for that of what the kind takes. */
  readonly maxLag: number | null
  /** Of alerts in a job; undefined for that of the kind. */
  readonly batch: { readonly alerts: number | undefined; readonly bytes: number | undefined }
  /** Of a sink that takes messages. */
  readonly grouping: GroupingSettings
  /** Its own, checked against the shape of the kind. */
  readonly own: unknown
}

/** What the file says. */
export interface DeliverySettings {
  readonly sinks: readonly SinkSettings[]
  readonly routing: Routing
}

/** Also the name of its consumer group and its keys. */
const SINK_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
const FILE = new JsonShape(
  Type.Object(
    {
      sinks: Type.Record(Type.String(), Type.Unknown(), { concealed: 'the names of sinks with their settings' }),
      routing: Type.Optional(ROUTING),
    },
    { additionalProperties: false, concealed: 'an object with sinks' },
  ),
)

/** The file that the settings name, or the one next to the settings file. */
export function deliveryFileOf(file: string | null, settingsFile: string | null): string {
  return file ?? resolve(settingsFile === null ? '.' : dirname(settingsFile), 'deliver.yaml')
}

/** Reads the file. @throws ConfigError with all mistakes */
export async function readDeliverySettings(file: string): Promise<DeliverySettings> {
  const reading = new Reading(file, readSettingsText(file, 'docs/siem.md shows one'))
  const settings = await reading.settings()
  if (reading.mistakes.length > 0) throw new ConfigError(reading.mistakes)
  return settings
}

/** One sink without a file, as of `run --sink`. @throws ConfigError */
export async function sinkSettingsOf(name: string, written: Readonly<Record<string, unknown>>, place: string): Promise<SinkSettings> {
  const reading = new Reading(place, JSON.stringify({ sinks: { [name]: written } }))
  const { sinks } = await reading.settings()
  const [sink] = sinks
  if (sink === undefined || reading.mistakes.length > 0) {
    throw new ConfigError(reading.mistakes.map(({ message }) => ({ place, message })))
  }
  return sink
}

/** The file while it is read. */
class Reading {
  readonly #mistakes: { readonly offset: number; readonly mistake: ConfigMistake }[] = []
  readonly #file: string
  readonly #lines = new LineCounter()
  readonly #document: Document

  constructor(file: string, text: string) {
    this.#file = file
    this.#document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: true, prettyErrors: false })
    for (const error of this.#document.errors) this.#report(error.pos[0], `not YAML: ${error.message}`)
  }

  /** In the order of the file. */
  get mistakes(): readonly ConfigMistake[] {
    return this.#mistakes.toSorted((a, b) => a.offset - b.offset).map(({ mistake }) => mistake)
  }

  async settings(): Promise<DeliverySettings> {
    const none: DeliverySettings = { sinks: [], routing: {} }
    if (this.mistakes.length > 0) return none
    const value = this.#document.toJS() as unknown
    const wrong = FILE.mismatchesOf(value)
    this.#reportAll(wrong, [])
    if (wrong.some(({ place }) => place.length === 0 || place[0] === 'sinks')) return none
    const { sinks: written, routing = {} } = value as Shaped<typeof FILE.schema>
    const names = Object.keys(written)
    const sinks = (await Promise.all(names.map(async (name) => await this.#sink(name, written[name])))).filter((sink) => sink !== undefined)
    if (wrong.length > 0) return none
    if (names.length === 0) this.#reportAt(['sinks'], 'there is no sink')
    for (const { place, sink } of unknownSinks(routing, names)) {
      const path = place.split(/[.[\]]+/).filter((part) => part !== '')
      const near = nearestName(sink, names)
      const hint = near === undefined ? `the sinks are ${names.join(', ')}` : `did you mean ${near}?`
      this.#reportAt(['routing', ...path], `routing.${place}: there is no sink ${JSON.stringify(sink).slice(0, 80)}; ${hint}`)
    }
    return { sinks, routing }
  }

  async #sink(name: string, written: unknown): Promise<SinkSettings | undefined> {
    const path = ['sinks', name]
    if (!SINK_NAME.test(name)) {
      this.#reportAt(
        path,
        `the name of a sink has lower-case letters, digits and dashes, at most 63, found ${JSON.stringify(name).slice(0, 80)}`,
      )
    }
    if (typeof written !== 'object' || written === null || !('kind' in written) || typeof written.kind !== 'string') {
      this.#reportAt(path, `a sink needs its kind, one of ${KIND_NAMES.join(', ')}`)
      return undefined
    }
    const kind = await loadKind(written.kind)
    if (kind === undefined) {
      const near = nearestName(written.kind, KIND_NAMES)
      const hint = near === undefined ? `one of ${KIND_NAMES.join(', ')}` : `did you mean ${near}?`
      this.#reportAt([...path, 'kind'], `there is no kind of sink ${JSON.stringify(written.kind).slice(0, 80)}; ${hint}`)
      return undefined
    }
    const own = ownProperties(kind)
    const common = kind.takes === 'messages' ? { ...COMMON.properties, grouping: Type.Optional(GROUPING) } : COMMON.properties
    const shape = new JsonShape(Type.Object({ kind: Type.String(), ...common, ...own }, { additionalProperties: false }))
    const mistakes = shape.mismatchesOf(written)
    this.#reportAll(mistakes, path)
    if (mistakes.length > 0) return undefined
    const ofKind = Object.fromEntries(Object.entries(written).filter(([field]) => Object.hasOwn(own, field)))
    for (const message of kind.mistakesOf?.(ofKind as never) ?? []) this.#reportAt(path, message)
    return { name, kind, ...commonOf(written as Shaped<typeof COMMON> & { readonly grouping?: GroupingSettings }), own: ofKind }
  }

  #reportAll(mismatches: readonly Mismatch[], path: readonly string[]): void {
    for (const { place, message } of mismatches)
      this.#reportAt([...path, ...place], path.length === 0 ? message : `${path.at(-1) ?? ''}: ${message}`)
  }

  /** At the key that is wrong; for one that is missing, at what lacks it. */
  #reportAt(path: readonly string[], message: string): void {
    for (let length = path.length; length > 0; length--) {
      const parent = length === 1 ? this.#document.contents : this.#document.getIn(path.slice(0, length - 1), true)
      const name = path[length - 1]
      const pair = isMap(parent) ? parent.items.find(({ key }) => String(key) === name) : undefined
      const found = isPair(pair) ? pair.key : this.#document.getIn(path.slice(0, length), true)
      const start = (found as Node | undefined)?.range?.[0]
      if (start !== undefined) return this.#report(start, message)
    }
    this.#report(0, message)
  }

  #report(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset)
    const place = `${this.#file}:${String(Math.max(1, line))}:${String(Math.max(1, col))}`
    this.#mistakes.push({ offset, mistake: { place, message } })
  }
}

function ownProperties({ settings }: SinkKind): Record<string, TSchema> {
  return (settings as TSchema & { readonly properties: Record<string, TSchema> }).properties
}

function commonOf(written: Shaped<typeof COMMON> & { readonly grouping?: GroupingSettings }): Omit<SinkSettings, 'name' | 'kind' | 'own'> {
  const { concurrency = null, ratePerSecond = null, timeoutMs = 30_000, backoff, maxLag = null, batch, grouping = {} } = written
  const from = written.from === 'latest' ? 'latest' : 'earliest'
  return {
    ...{ concurrency, ratePerSecond, timeoutMs, from, maxLag, grouping },
    backoff: { firstMs: backoff?.firstMs ?? 500, maxMs: backoff?.maxMs ?? 30_000 },
    batch: { alerts: batch?.alerts, bytes: batch?.bytes },
  }
}
