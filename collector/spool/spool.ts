// The spool: a folder with the records that Kafka could not take, as streams of segments per topic, within one bound. At the bound, the
// oldest segment of the first class above its share is dropped and counted. A failing disk is logged once and retried.
import { closeSync, fsyncSync, openSync } from 'node:fs'
import type { RecordBody } from '../../infra/topic-log/body-appender.js'
import type { Logger } from '../../infra/process/logger.js'
import { OutageLog } from '../../infra/process/outage-log.js'
import { TOPIC_KEYS, type TopicKey } from '../../infra/topic-log/topics.js'
import type { AccountCount } from './spool-listener.js'
import { Segment } from './segment.js'
import {
  SPOOL_CLASSES,
  SPOOL_SHARES,
  spoolClassOf,
  type SpoolClass,
  LEAST_SPOOL_BYTES,
  segmentBytesOf,
  type SpoolConfig,
} from './spool-config.js'
import { openSpoolFolder, type SpoolFolder } from './spool-folder.js'
import { SpoolStream, type SentBlock } from './spool-stream.js'

const SYNC_MS = 1000
const RETRY_MS = 1000
// Upper bounds for the head of a block and the header of its segment.
const HEAD_BYTES = 256
const ACCOUNT_BYTES = 32

/** A type and not an interface, so that it can be read by name. Counts only grow, except `bytes` and `segments`. */
export type SpoolCounters = {
  bytes: number
  segments: number
  /** Blocks written. */
  blocks: number
  /** Records dropped at the bound, or damaged. */
  droppedRecords: number
  /** Damaged records of unknown kinds. */
  damagedRecords: number
  /** Bytes of tails that were truncated at the start. */
  tornBytes: number
  /** Segment files that could not be read at the start; they are not removed. */
  unreadableSegments: number
  writeFailures: number
  /** Failed syncs of files or of the folder, and failed writes of positions. */
  syncFailures: number
}

/** Receives dropped records. */
export type OnSpoolDrop = (topic: TopicKey, accounts: readonly AccountCount[], isInherited: boolean) => void

export class Spool {
  readonly counters: SpoolCounters
  /** Called for all dropped records; set before the first write. */
  onDrop: OnSpoolDrop = () => undefined
  readonly #config: SpoolConfig
  readonly #folder: SpoolFolder
  readonly #streams = new Map<TopicKey, SpoolStream>()
  readonly #outage: OutageLog
  readonly #syncOutage: OutageLog
  readonly #log: Logger
  #key: Buffer = Buffer.alloc(0)
  #nextId = 1
  #retryAtMs = 0
  #syncAtMs = 0
  #isFolderDirty = false
  #isBoundLogged = false
  #isClosed = false

  private constructor(config: SpoolConfig, folder: SpoolFolder, log: Logger) {
    this.#config = { ...config, maxBytes: Math.max(config.maxBytes, LEAST_SPOOL_BYTES) }
    this.#folder = folder
    this.#log = log
    const facts = { folder: config.folder }
    this.#outage = new OutageLog(
      log,
      facts,
      'the spool can not be written, records wait in memory and in the rings',
      'the spool can be written again',
    )
    this.#syncOutage = new OutageLog(
      log,
      facts,
      'the spool can not be synced to the disk: a power loss could lose its records, or send them twice',
      'the spool is synced to the disk again',
    )
    const [tornBytes, damagedRecords, unreadableSegments] = [folder.tornBytes, folder.damaged.length, folder.unreadable]
    const zero = { blocks: 0, droppedRecords: 0, damagedRecords, writeFailures: 0, syncFailures: 0 }
    this.counters = { bytes: 0, segments: 0, ...zero, tornBytes, unreadableSegments }
    const segmentBytes = segmentBytesOf(this.#config.maxBytes)
    for (const topic of TOPIC_KEYS) this.#streams.set(topic, new SpoolStream(topic, segmentBytes, () => this.#newSegment(topic)))
    for (const segment of folder.found) {
      this.stream(segment.topic).inherit(segment)
      this.#nextId = Math.max(this.#nextId, segment.id + 1)
    }
    this.#nextId = Math.max(this.#nextId, folder.highestId + 1)
    this.counters.damagedRecords = folder.damaged.reduce((sum, { records }) => sum + records, 0)
    this.#measure()
  }

  /**
   * Opens the folder and scans the segments of an earlier run.
   * @throws StateFolderError when it can't be used or another collector uses it
   */
  static open(config: SpoolConfig, log: Logger): Promise<Spool> {
    return new Promise((resolve) => resolve(new Spool(config, openSpoolFolder(config.folder, log), log)))
  }

  /** Records of an earlier run by topic: records to send, and damaged ones. */
  inherited(): { topic: TopicKey; accounts: readonly AccountCount[]; damagedRecords: number }[] {
    const damaged = this.#folder.damaged.map(({ topic, records }) => ({ topic, accounts: [], damagedRecords: records }))
    const waiting = this.#folder.found.map(({ topic, unread }) => ({ topic, accounts: unread.list(), damagedRecords: 0 }))
    return [...waiting, ...damaged]
  }

  /** Topics with segments. */
  get topics(): TopicKey[] {
    return [...this.#streams.values()].filter(({ segments }) => segments.length > 0).map(({ topic }) => topic)
  }

  stream(topic: TopicKey): SpoolStream {
    const stream = this.#streams.get(topic)
    if (stream === undefined) throw new TypeError(`unknown topic ${topic}`)
    return stream
  }

  /**
   * Appends a block, after making room for it.
   * @param key key of all its records
   * @param isSent it is in flight already and is stored until it is acknowledged
   * @returns null when the disk refuses: then nothing is written, but older segments may have been dropped
   */
  write(topic: TopicKey, key: Uint8Array, body: RecordBody, accounts: readonly AccountCount[], isSent: boolean): SentBlock | null {
    if (performance.now() < this.#retryAtMs) return null
    this.#key = Buffer.from(key)
    try {
      this.#makeRoom(topic, body.records.length + HEAD_BYTES + accounts.length * ACCOUNT_BYTES)
      const block = this.stream(topic).write(body, accounts, isSent)
      // A block that could not be synced is written: writing it again would duplicate it.
      if (this.#config.sync === 'always' && this.#guard(() => this.#syncNow(block.segment))) this.#syncOutage.succeeded()
      this.#outage.succeeded()
      this.counters.blocks++
      return block
    } catch (error) {
      this.counters.writeFailures++
      this.#retryAtMs = performance.now() + RETRY_MS
      this.#outage.failed(error)
      return null
    } finally {
      this.#measure()
    }
  }

  /** Returns the oldest unread block of a topic; null for none. Drops and reports damaged blocks. */
  read(topic: TopicKey): SentBlock | null {
    const block = this.stream(topic).read()
    if (block !== null && block.body === null) {
      this.counters.droppedRecords += block.accounts.reduce((sum, { count }) => sum + count, 0)
      this.#log.error({ folder: this.#config.folder, topic }, 'a part of the spool is damaged, its records are lost')
      this.onDrop(topic, block.accounts, block.segment.isInherited)
    }
    return block
  }

  /** Settles an acknowledged block. */
  settle(block: SentBlock): void {
    this.stream(block.segment.topic).settle(block)
    this.#measure()
  }

  /** Called periodically: saves positions, and syncs when due. */
  tick(): void {
    const now = performance.now()
    if (now < this.#syncAtMs) return
    this.#syncAtMs = now + SYNC_MS
    const segments = this.#segments()
    const areSaved = segments.map((segment) => this.#guard(() => segment.savePosition())).every(Boolean)
    if (this.#config.sync === 'none' && areSaved) this.#syncOutage.succeeded()
    if (this.#config.sync !== 'interval') return
    const isFolderSynced = this.#guard(() => this.#syncFolder())
    for (const segment of segments) {
      segment.sync((error) => {
        if (error !== null) this.#syncFailed(error)
        else if (areSaved && isFolderSynced) this.#syncOutage.succeeded()
      })
    }
  }

  /** Saves all positions and closes the files for the next run. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const segment of this.#segments()) {
      this.#guard(() => segment.savePosition())
      if (this.#config.sync !== 'none') this.#guard(() => segment.sync())
      segment.close()
    }
    this.#folder.release()
  }

  #segments(): Segment[] {
    return [...this.#streams.values()].flatMap(({ segments }) => segments)
  }

  #newSegment(topic: TopicKey): Segment {
    const segment = Segment.create(this.#config.folder, this.#nextId++, topic, this.#key)
    this.#isFolderDirty = true
    return segment
  }

  /** Syncs the file, and the folder when the file is new. */
  #syncNow(segment: Segment): void {
    segment.sync()
    this.#syncFolder()
  }

  #syncFolder(): void {
    if (!this.#isFolderDirty) return
    const fd = openSync(this.#config.folder, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    this.#isFolderDirty = false
  }

  #makeRoom(topic: TopicKey, bytes: number): void {
    while (this.counters.bytes + bytes > this.#config.maxBytes) {
      const victim = this.#victim(spoolClassOf(topic), bytes)
      if (victim === undefined) return
      const accounts = victim.unread.list()
      const { records } = victim.unread
      this.stream(victim.topic).drop(victim)
      this.#measure()
      this.counters.droppedRecords += records
      if (!this.#isBoundLogged) {
        const facts = { folder: this.#config.folder, maxBytes: this.#config.maxBytes, topic: victim.topic }
        this.#log.warn(facts, 'the spool is full: its oldest records are dropped, the ledger counts them')
      }
      this.#isBoundLogged = true
      if (records > 0) this.onDrop(victim.topic, accounts, victim.isInherited)
    }
  }

  /** The oldest segment of the first class above its share; undefined only for an empty spool. */
  #victim(writing: SpoolClass, bytes: number): Segment | undefined {
    const segments = this.#segments()
    const ofClass = (wanted: SpoolClass): Segment[] => segments.filter(({ topic }) => spoolClassOf(topic) === wanted)
    const oldest = (of: readonly Segment[]): Segment | undefined => [...of].sort((a, b) => a.id - b.id)[0]
    for (const name of SPOOL_CLASSES) {
      const own = ofClass(name)
      const used = own.reduce((sum, segment) => sum + segment.bytes, name === writing ? bytes : 0)
      if (own.length > 0 && used > SPOOL_SHARES[name] * this.#config.maxBytes) return oldest(own)
    }
    return oldest(segments)
  }

  #measure(): void {
    const segments = this.#segments()
    this.counters.bytes = segments.reduce((sum, { bytes }) => sum + bytes, 0)
    this.counters.segments = segments.length
    if (segments.length === 0) this.#isBoundLogged = false
  }

  /** @returns false when the action failed */
  #guard(action: () => void): boolean {
    try {
      action()
      return true
    } catch (error) {
      this.#syncFailed(error)
      return false
    }
  }

  #syncFailed(error: unknown): void {
    this.counters.syncFailures++
    this.#syncOutage.failed(error)
  }
}
