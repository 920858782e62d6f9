// One process of the table, and its images: what it runs from one exec to the next.
// A late event (bulk records wait longer than security ones) finds the image of its own time.
import type { EncodedProcess } from './encoded-process.js'
import type { EventCounts } from './event-counts.js'
import type { TaskFacts } from '../ring-events/task-facts.js'
import type { Leaders, Ancestor, Lineage } from './lineage.js'
import { exePathOf, firstArgument, type ProcessTexts } from './process-texts.js'
import { copyBytes } from '../ring-events/record-texts.js'

/** own: of the container; exec: entered it; UNKNOWN: no record reported its creation. */
export type ContainerEntry = 'own' | 'exec' | 'UNKNOWN'

/** How a process entered a container. */
export interface ContainerPlace {
  readonly containerId: string
  readonly entry: ContainerEntry
}

/** How the table learned of a process; processes without a record are counted in the heartbeat. */
export type ProcessOrigin = 'tasks' | 'fork' | 'exec' | 'proc' | 'event'

/** Content of an image. */
interface RunState {
  readonly facts: TaskFacts
  readonly texts: ProcessTexts
  readonly lineage: Lineage
  readonly leaders: Leaders
  readonly execCount: number
}

/** What a process runs since `sinceUs`. Immutable except for the caches. */
export class ProcessImage {
  readonly process: ProcessEntry
  /** Time since boot from which the image is valid; 0 for as long as is known. */
  readonly sinceUs: number
  readonly facts: TaskFacts
  readonly texts: ProcessTexts
  readonly lineage: Lineage
  readonly leaders: Leaders
  readonly execCount: number
  /** Standard input and output are pipes that lead to processes with connections; null when they are no pipes, or not known. */
  isFedByNetwork: boolean | null = null
  /** The previous image, while late events may still need it. */
  older: ProcessImage | null = null
  /** Lineage of children forked while this image runs; cached by the table. */
  childLineage: Lineage | null = null
  /** The image as an ancestor in events of other processes; cached by the table. */
  asAncestor: Ancestor | null = null
  /** Set by the encoder, as the next field. */
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
  /** The newest image; null only during construction. */
  image: ProcessImage | null = null
  hasExited = false
  /** Events since the start of this collector; null before the first. */
  events: EventCounts | null = null
  /** The process that forked it, until its first event. */
  maker: ProcessEntry | null = null
  /** How it entered the container of its last event. */
  container: ContainerPlace | null = null
  /** It connected to an internet address, or accepted such a connection. */
  hasConnection = false
  /** Counted among the own processes of that container. */
  isCounted = false
  /** The previous owner of this pid, while late events may still need it. */
  older: ProcessEntry | null = null

  constructor(pid: number, startUs: number, origin: ProcessOrigin) {
    this.pid = pid
    this.startUs = startUs
    this.origin = origin
  }

  /** A record reported its creation. */
  get isRecorded(): boolean {
    return this.origin === 'fork' || this.origin === 'tasks'
  }

  /** The image that ran at `bootUs`. */
  imageAt(bootUs: number): ProcessImage | null {
    let image = this.image
    while (image !== null && image.sinceUs > bootUs && image.older !== null) image = image.older
    return image
  }
}

/** Longest first argument of an ancestor, bytes. */
const ANCESTOR_EXE_BYTES = 1024

/** An image as an ancestor in events of other processes, created once. */
export function asAncestor(image: ProcessImage): Ancestor {
  return (image.asAncestor ??= {
    pid: image.process.pid,
    startUs: image.process.startUs,
    name: copyBytes(image.facts.comms, 0, image.facts.commEnd),
    exe: firstArgument(image.texts, ANCESTOR_EXE_BYTES),
    exePath: exePathOf(image.texts),
    exeFlags: image.facts.exeFlags,
    program: image.texts.program,
  })
}
