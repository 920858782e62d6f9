// One process of the table, and its images: what it runs from one exec to the next.
// An event that comes late (bulk records wait longer than security ones) finds the image of its own time.
import type { EncodedProcess } from './encoded-process.js'
import type { EventCounts } from './event-counts.js'
import type { TaskFacts } from '../ring-events/task-facts.js'
import type { Leaders, Ancestor, Lineage } from './lineage.js'
import type { ProcessTexts } from './process-texts.js'

/** own: of the container; exec: entered it; UNKNOWN: no record told how it came to be. */
export type ContainerEntry = 'own' | 'exec' | 'UNKNOWN'

/** How a process came into one container. */
export interface ContainerPlace {
  readonly containerId: string
  readonly entry: ContainerEntry
}

/** How the table came to know of a process; what no record told of is counted in the heartbeat. */
export type ProcessOrigin = 'tasks' | 'fork' | 'exec' | 'proc' | 'event'

/** What an image is made of. */
interface RunState {
  readonly facts: TaskFacts
  readonly texts: ProcessTexts
  readonly lineage: Lineage
  readonly leaders: Leaders
  readonly execCount: number
}

/** What a process runs since `sinceUs`. Never changed but for the caches. */
export class ProcessImage {
  readonly process: ProcessEntry
  /** Time since boot from which on the image holds; 0 for as long as is known. */
  readonly sinceUs: number
  readonly facts: TaskFacts
  readonly texts: ProcessTexts
  readonly lineage: Lineage
  readonly leaders: Leaders
  readonly execCount: number
  /** What it ran before, while late events may still ask. */
  older: ProcessImage | null = null
  /** Lineage of children that are made while this image runs; kept by the table. */
  childLineage: Lineage | null = null
  /** The image as an event of another process tells of it; kept by the table. */
  told: Ancestor | null = null
  /** Kept by the encoder, as what follows. */
  wasEncoded = false
  encoded: EncodedProcess | null = null

  constructor(process: ProcessEntry, sinceUs: number, runs: RunState) {
    this.process = process
    this.sinceUs = sinceUs
    this.facts = runs.facts
    this.texts = runs.texts
    this.lineage = runs.lineage
    this.leaders = runs.leaders
    this.execCount = runs.execCount
  }
}

/** A process is (pid, start): the same pid with another start is another process. */
export class ProcessEntry {
  readonly pid: number
  readonly startUs: number
  readonly origin: ProcessOrigin
  /** The newest image; null only while the entry is being made. */
  image: ProcessImage | null = null
  hasExited = false
  /** Of this collector's time; null before the first. */
  events: EventCounts | null = null
  /** What made it, until its first event is told. */
  maker: ProcessEntry | null = null
  /** How it came into the container that it was in at its last event. */
  container: ContainerPlace | null = null
  /** Counted among the own processes of that container. */
  isCounted = false
  /** The process that had this pid before, while late events may still ask. */
  older: ProcessEntry | null = null

  constructor(pid: number, startUs: number, origin: ProcessOrigin) {
    this.pid = pid
    this.startUs = startUs
    this.origin = origin
  }

  /** A record told how it came to be. */
  get isTold(): boolean {
    return this.origin === 'fork' || this.origin === 'tasks'
  }

  /** The image that ran at `bootUs`. */
  imageAt(bootUs: number): ProcessImage | null {
    let image = this.image
    while (image !== null && image.sinceUs > bootUs && image.older !== null) image = image.older
    return image
  }
}
