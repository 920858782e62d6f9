// The process table in a checkpoint: plain objects that are shared as in the table. Validated when restored.
import { type ContainerPlace, ProcessEntry, ProcessImage, type ProcessOrigin } from './process-entry.js'
import { TaskFacts } from '../ring-events/task-facts.js'
import { type Leaders, type Ancestor, Lineage } from './lineage.js'
import type { Redactor } from '../redaction/redactor.js'
import { withoutSecrets, type ProcessTexts } from './process-texts.js'
import { StandardStreams } from './standard-streams.js'

/** A saved image: what a process ran from one exec to the next. */
export interface SavedImage {
  readonly sinceUs: number
  readonly execCount: number
  readonly facts: TaskFacts
  readonly texts: SavedTexts
  readonly lineage: SavedLineage
  readonly leaders: Leaders
}

/** @see ProcessTexts */
export type SavedTexts = Omit<ProcessTexts, 'streams'> & { readonly streams: Pick<StandardStreams, 'bytes' | 'hostPaths'> | null }

/** @see Lineage */
export interface SavedLineage {
  readonly ancestors: readonly Ancestor[]
  readonly parentArgs: Uint8Array
  readonly parentArgsRedacted: number
}

/** A process with its images, newest first. */
export interface SavedProcess {
  readonly pid: number
  readonly startUs: number
  readonly origin: ProcessOrigin
  readonly hasExited: boolean
  readonly container: ContainerPlace | null
  readonly images: readonly SavedImage[]
}

/** The whole table. */
export interface TableState {
  /** By pid in the order of the table, each followed by earlier owners of the pid. */
  readonly processes: readonly (readonly SavedProcess[])[]
  /** Items stored for late events, in the order of their end: a process, or an image (for its predecessors). */
  readonly retired: readonly { readonly endUs: number; readonly item: SavedProcess | SavedImage }[]
}

/** Saves images and processes; the same one always becomes the same object. */
export class TableSaver {
  readonly #lineages = new Map<Lineage, SavedLineage>()
  readonly #texts = new Map<ProcessTexts, SavedTexts>()
  readonly saved = new Map<ProcessEntry | ProcessImage, SavedProcess | SavedImage>()

  process(entry: ProcessEntry): SavedProcess {
    const images: SavedImage[] = []
    for (let image = entry.image; image !== null; image = image.older) images.push(this.#image(image))
    const { pid, startUs, origin, hasExited, container } = entry
    const saved = { pid, startUs, origin, hasExited, container, images }
    this.saved.set(entry, saved)
    return saved
  }

  #image(image: ProcessImage): SavedImage {
    const { sinceUs, execCount, facts, texts, leaders } = image
    const saved = { sinceUs, execCount, facts, texts: this.#textsOf(texts), lineage: this.#lineage(image.lineage), leaders }
    this.saved.set(image, saved)
    return saved
  }

  #textsOf(texts: ProcessTexts): SavedTexts {
    let saved = this.#texts.get(texts)
    if (saved === undefined) {
      const { streams } = texts
      saved = { ...texts, streams: streams === null ? null : { bytes: streams.bytes, hostPaths: streams.hostPaths } }
      this.#texts.set(texts, saved)
    }
    return saved
  }

  #lineage(lineage: Lineage): SavedLineage {
    let saved = this.#lineages.get(lineage)
    if (saved === undefined) {
      saved = { ancestors: lineage.ancestors, parentArgs: lineage.parentArgs, parentArgsRedacted: lineage.parentArgsRedacted }
      this.#lineages.set(lineage, saved)
    }
    return saved
  }
}

/** Restores saved images and processes. @throws TypeError if they are invalid */
export class TableReviver {
  readonly #redactor: Redactor | null
  readonly #facts = new Map<object, TaskFacts>()
  readonly #lineages = new Map<object, Lineage>()
  readonly #texts = new Map<object, ProcessTexts>()
  readonly revived = new Map<SavedProcess | SavedImage, ProcessEntry | ProcessImage>()

  /** @param redactor of this collector: the one that saved the table may have had none */
  constructor(redactor: Redactor | null) {
    this.#redactor = redactor
  }

  process(saved: SavedProcess): ProcessEntry {
    const { pid, startUs, origin, hasExited, container, images } = saved
    if (!Number.isSafeInteger(pid) || !Number.isSafeInteger(startUs) || images.length === 0) throw new TypeError('no process')
    const entry = new ProcessEntry(pid, startUs, origin)
    entry.hasExited = hasExited
    entry.container = container
    let newer: ProcessImage | null = null
    for (const image of images) {
      const revived: ProcessImage = this.#image(entry, image)
      if (newer === null) entry.image = revived
      else newer.older = revived
      newer = revived
    }
    this.revived.set(saved, entry)
    return entry
  }

  #image(entry: ProcessEntry, saved: SavedImage): ProcessImage {
    const { sinceUs, execCount, texts, leaders } = saved
    if (!Number.isFinite(sinceUs)) throw new TypeError('no image')
    const image = new ProcessImage(entry, sinceUs, {
      facts: this.#factsOf(saved.facts),
      texts: this.#textsOf(texts),
      lineage: this.#lineage(saved.lineage),
      leaders,
      execCount,
    })
    this.revived.set(saved, image)
    return image
  }

  #factsOf(saved: TaskFacts): TaskFacts {
    let facts = this.#facts.get(saved)
    if (facts === undefined) {
      if (!(saved.comms instanceof Uint8Array) || !(saved.namespaces instanceof Uint8Array)) throw new TypeError('no facts')
      facts = Object.assign(new TaskFacts(), saved)
      this.#facts.set(saved, facts)
    }
    return facts
  }

  #textsOf(saved: SavedTexts): ProcessTexts {
    let texts = this.#texts.get(saved)
    if (texts === undefined) {
      const isWhole = saved.bytes instanceof Uint8Array && (saved.environment === null || saved.environment.bytes instanceof Uint8Array)
      if (!isWhole) throw new TypeError('no texts')
      texts = withoutSecrets({ ...saved, streams: StandardStreams.revive(saved.streams) }, this.#redactor)
      this.#texts.set(saved, texts)
    }
    return texts
  }

  #lineage(saved: SavedLineage): Lineage {
    let lineage = this.#lineages.get(saved)
    if (lineage === undefined) {
      if (!Array.isArray(saved.ancestors) || !(saved.parentArgs instanceof Uint8Array)) throw new TypeError('no lineage')
      const { bytes, count } = this.#redactor?.arguments(saved.parentArgs, 0, saved.parentArgs.length) ?? {
        bytes: saved.parentArgs,
        count: 0,
      }
      lineage = new Lineage(saved.ancestors, bytes, saved.parentArgsRedacted + count)
      this.#lineages.set(saved, lineage)
    }
    return lineage
  }
}
