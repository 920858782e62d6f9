// The spool: a folder with the records that Kafka could not take, as streams of segments per topic, within one bound. At the bound, the
// oldest segment of the first class above its share is dropped and counted. A disk that fails is logged once and tried again.
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
// What a block and the header of its segment take beside its records, at most.
const HEAD_BYTES = 256
const ACCOUNT_BYTES = 32

/** A type and not an interface, so that it can be read by name. Counts only grow, but for `bytes` and `segments`. */
export type SpoolCounters = {
  bytes: number
  segments: number
  /** Blocks written. */
  blocks: number
  /** Records that went at the bound, or whose bytes were damaged. */
  droppedRecords: number
  /** Records in damage that says nothing of their kinds. */
  damagedRecords: number
  /** Bytes of tails that were cut at the start. */
  tornBytes: number
  /** Files of segments that could not be read at the start; they stay where they are. */
  unreadableSegments: number
  writeFailures: number
  /** Syncs of files or of the folder, and writes of the places, that the disk refused. */
  syncFailures: number
}

/** Records that are dropped. */
export type OnSpoolDrop = (topic: TopicKey, accounts: readonly AccountCount[], isInherited: boolean) => void

export class Spool {
  readonly counters: SpoolCounters
  /** Told of everything that goes; set before the first write. */
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
  #isBoundTold = false
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
      'the spool can not be put onto the disk itself: a loss of power would take what it holds, or have it sent twice',
      'the spool is put onto the disk itself again',
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
   * Opens the folder and looks through what an earlier run left in it.
   * @throws StateFolderError when it can't be used or another collector uses it
   */
  static async open(config: SpoolConfig, log: Logger): Promise<Spool> {
    return new Spool(config, await openSpoolFolder(config.folder, log), log)
  }

  /** What an earlier run left, by topic: records that will be sent, and those that damage took. */
  inherited(): { topic: TopicKey; accounts: readonly AccountCount[]; damagedRecords: number }[] {
    const damaged = this.#folder.damaged.map(({ topic, records }) => ({ topic, accounts: [], damagedRecords: records }))
    const waiting = this.#folder.found.map(({ topic, unread }) => ({ topic, accounts: unread.list(), damagedRecords: 0 }))
    return [...waiting, ...damaged]
  }

  /** Topics of which something waits. */
  get topics(): TopicKey[] {
    return [...this.#streams.values()].filter(({ segments }) => segments.length > 0).map(({ topic }) => topic)
  }

  stream(topic: TopicKey): SpoolStream {
    const stream = this.#streams.get(topic)
    if (stream === undefined) throw new TypeError(`topic ${topic} is none of ours`)
    return stream
  }

  /**
   * Appends a block, after what must go for it has gone.
   * @param key key of all its records
   * @param isSent it is on its way already and is kept until it is acknowledged
   * @returns null when the disk refuses it: nothing of it is written then, though what was to make room for it may have gone
   */
  write(topic: TopicKey, key: Uint8Array, body: RecordBody, accounts: readonly AccountCount[], isSent: boolean): SentBlock | null {
    if (performance.now() < this.#retryAtMs) return null
    this.#key = Buffer.from(key)
    try {
      this.#makeRoom(topic, body.records.length + HEAD_BYTES + accounts.length * ACCOUNT_BYTES)
      const block = this.stream(topic).write(body, accounts, isSent)
      // What could not be synced is written all the same: to write it again would double it.
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

  /** The oldest block of a topic that was not read; null for none. What is damaged is dropped, and told, here. */
  read(topic: TopicKey): SentBlock | null {
    const block = this.stream(topic).read()
    if (block !== null && block.body === null) {
      this.counters.droppedRecords += block.accounts.reduce((sum, { count }) => sum + count, 0)
      this.#log.error({ folder: this.#config.folder, topic }, 'a part of the spool is damaged, its records are lost')
      this.onDrop(topic, block.accounts, block.segment.isInherited)
    }
    return block
  }

  /** A block was acknowledged. */
  settle(block: SentBlock): void {
    this.stream(block.segment.topic).settle(block)
    this.#measure()
  }

  /** Now and then: keeps the places, and syncs when it is time. */
  tick(): void {
    const now = performance.now()
    if (now < this.#syncAtMs) return
    this.#syncAtMs = now + SYNC_MS
    const segments = this.#segments()
    const areKept = segments.map((segment) => this.#guard(() => segment.keepPlace())).every(Boolean)
    if (this.#config.sync === 'none' && areKept) this.#syncOutage.succeeded()
    if (this.#config.sync !== 'interval') return
    const isNamed = this.#guard(() => this.#syncFolder())
    for (const segment of segments) {
      segment.sync((error) => {
        if (error !== null) this.#syncFailed(error)
        else if (areKept && isNamed) this.#syncOutage.succeeded()
      })
    }
  }

  /** Keeps all places and closes the files; what is in them stays for the next run. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const segment of this.#segments()) {
      this.#guard(() => segment.keepPlace())
      if (this.#config.sync !== 'none') this.#guard(() => segment.sync())
      segment.close()
    }
    await this.#folder.release()
  }

  #segments(): Segment[] {
    return [...this.#streams.values()].flatMap(({ segments }) => segments)
  }

  #newSegment(topic: TopicKey): Segment {
    const segment = Segment.create(this.#config.folder, this.#nextId++, topic, this.#key)
    this.#isFolderDirty = true
    return segment
  }

  /** The file's bytes, and its name in the folder when it is new. */
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
      if (!this.#isBoundTold) {
        const facts = { folder: this.#config.folder, maxBytes: this.#config.maxBytes, topic: victim.topic }
        this.#log.warn(facts, 'the spool is full: its oldest records go, the ledger counts them')
      }
      this.#isBoundTold = true
      if (records > 0) this.onDrop(victim.topic, accounts, victim.isInherited)
    }
  }

  /** The oldest segment of the first class that is above its share; one must be, or nothing is there. */
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
    if (segments.length === 0) this.#isBoundTold = false
  }

  /** @returns whether it was done */
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
