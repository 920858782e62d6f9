// One topic between the collector and the log. Records go directly to the log while it takes them, into the spool while it does not, and from
// the spool, oldest first, when it takes records again. The order of the topic is preserved throughout.
import type { BodyAppender, HeldBody } from '../../infra/topic-log/body-appender.js'
import { type AppendRecord, LogFullError } from '../../infra/topic-log/topic-log.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { BlockDraft, SentQueue } from './lane-queues.js'
import type { SpoolListener } from './spool-listener.js'
import type { Spool } from './spool.js'
import type { SentBlock } from './spool-stream.js'

/** What the lanes of an appender share. */
export interface LaneContext {
  readonly spool: Spool
  readonly listener: SpoolListener
  readonly key: Uint8Array
  /** Null until the log is connected. */
  readonly appender: () => BodyAppender | null
  /** The log took a record and is full: pass no more until `isLogFull` is false. */
  readonly onLogFull: () => void
  readonly isLogFull: () => boolean
  /** Change of the bytes in memory that wait for the disk. */
  readonly onWaiting: (bytes: number) => void
  /** Size at which a block is complete. */
  readonly blockBytes: number
  /** Most bytes of blocks in flight. */
  readonly windowBytes: number
}

export class SpoolLane {
  readonly #topic: TopicKey
  readonly #context: LaneContext
  readonly #sent: SentQueue
  readonly #draft: BlockDraft
  #isDirect: boolean
  /** The log is full and the disk refuses: the collector waits. */
  isStuck = false
  /** The log acknowledged something since the lane left direct mode. */
  #isAlive = false
  /** Everything up to this mark was reported as safe. */
  #safeMark = 0
  #progressAtMs = performance.now()
  #isEnding = false
  /** Records appended, and records among them that are in the log, in the spool or lost. */
  appended = 0
  safe = 0

  constructor(topic: TopicKey, context: LaneContext) {
    this.#topic = topic
    this.#context = context
    this.#draft = new BlockDraft(context.blockBytes, context.onWaiting)
    this.#isDirect = context.appender() !== null && context.spool.stream(topic).segments.length === 0
    this.#sent = new SentQueue({
      onMemory: (records, reason) => this.#memorySettled(records, reason),
      onBlock: (block, published, lost) => {
        const { isInherited } = block.segment
        if (published.length > 0) context.listener.onUnspooled(topic, published, 'published', isInherited)
        if (lost.length > 0) context.listener.onUnspooled(topic, lost, 'droppedCollector', isInherited)
        context.spool.settle(block)
      },
    })
  }

  /** Direct mode: records go directly to the log. */
  get isDirect(): boolean {
    return this.#isDirect
  }

  /** @returns false when the caller must wait for room */
  append(record: AppendRecord): boolean {
    if (this.#isDirect) {
      const taken = this.#appendDirect(record)
      if (taken === 'room') return true
      this.isStuck = !this.intoSpool()
      if (taken === 'full') return !this.isStuck
      if (this.isStuck) throw new LogFullError('neither the log nor the spool has room: wait for drained()')
    }
    this.appended++
    if (this.#draft.append(record)) this.#writeDraft()
    return true
  }

  /** Writes waiting records, and leaves direct mode when the log acknowledges nothing for `outageMs`. */
  tick(outageMs: number): void {
    if (this.#isDirect) {
      if (this.#sent.isEmpty) this.#progressAtMs = performance.now()
      else if (this.isStuck || performance.now() - this.#progressAtMs > outageMs) {
        const isRefused = !this.intoSpool()
        this.isStuck &&= isRefused
      }
      return
    }
    this.seal()
    this.pump()
  }

  /** Writes the records in memory to the spool. */
  seal(): void {
    this.#draft.seal()
    this.#writeDraft()
  }

  /**
   * Leaves direct mode: unacknowledged records of the log go into the spool too, and stay in flight.
   * @returns false when the disk refuses; then only a part is in the spool
   */
  intoSpool(): boolean {
    if (!this.#isDirect) return true
    const { spool, key, listener } = this.#context
    const bodies = this.#unspooledBodies()
    const tail = this.#sent.memoryTail
    const before = tail - bodies.reduce((sum, { count }) => sum + count, 0)
    const blocks: { block: SentBlock; records: number }[] = []
    for (const body of bodies) {
      const block = spool.write(this.#topic, key, body, listener.accountsOf(this.#topic, body.count), true)
      if (block === null) break
      blocks.push({ block: { ...block }, records: body.count })
      this.#spooled(body)
    }
    this.#sent.tailIntoBlocks(before, blocks)
    if (blocks.length < bodies.length) return false
    this.#isDirect = false
    this.#isAlive = false
    return true
  }

  /** Sends blocks of the spool to the log, and returns to direct mode when none are left. */
  pump(): void {
    const { spool, windowBytes } = this.#context
    const appender = this.#context.appender()
    if (appender === null || this.#isDirect || this.#isEnding) return
    for (;;) {
      if (this.#sent.blockBytes >= windowBytes || this.#context.isLogFull()) return
      const block = spool.read(this.#topic)
      if (block === null) break
      if (block.body === null) this.#sent.block({ ...block, accounts: [] }, 0, 0)
      else this.#send(appender, block, block.body)
    }
    if (this.#isAlive || this.#sent.isEmpty) this.#goDirect(appender)
  }

  /** The log acknowledged `records`, or lost them. */
  settled(mark: number, records: number, lossReason: string | null): void {
    // Blocks that the log gives up at its end stay in the spool; giveUp counts records that are only in memory.
    if (this.#isEnding && lossReason !== null) return
    this.#progressAtMs = performance.now()
    this.#isAlive = true
    this.#sent.settle(records, lossReason)
    this.#reportMark(mark)
    if (!this.#isDirect) this.pump()
  }

  /** Stops sending. */
  end(): void {
    this.#isEnding = true
  }

  /** Counts records that are only in memory as lost. */
  giveUp(reason: string): void {
    const left = this.appended - this.safe
    if (left > 0) this.#memorySettled(left, reason)
  }

  #appendDirect(record: AppendRecord): 'room' | 'full' | 'refused' {
    const appender = this.#context.appender()
    if (appender === null) return 'refused'
    this.#sent.memory(1)
    try {
      const hasRoom = appender.append(record)
      this.appended++
      if (hasRoom) return 'room'
      this.#context.onLogFull()
      return 'full'
    } catch (error) {
      this.#sent.retract(1)
      if (!(error instanceof LogFullError)) throw error
      return 'refused'
    }
  }

  /** The newest bodies of the log that are not in the spool, without the settled half of a divided batch. */
  #unspooledBodies(): HeldBody[] {
    let left = this.#sent.memoryTail
    const held = left === 0 ? [] : (this.#context.appender()?.held(this.#topic, this.#context.key) ?? [])
    let first = held.length
    for (let index = held.length - 1; index >= 0; index--) {
      const count = held[index]?.count ?? 0
      if (count > left) break
      left -= count
      first = index
    }
    return held.slice(first)
  }

  #writeDraft(): void {
    const { spool, key, listener } = this.#context
    for (let body = this.#draft.first(); body !== undefined; body = this.#draft.first()) {
      if (spool.write(this.#topic, key, body, listener.accountsOf(this.#topic, body.count), false) === null) return
      this.#draft.shift()
      this.#spooled(body)
    }
  }

  #spooled({ count, lastMark }: HeldBody): void {
    this.safe += count
    this.#context.listener.onSpooled(this.#topic, count, lastMark)
    this.#reportMark(lastMark)
  }

  #send(appender: BodyAppender, block: SentBlock, body: NonNullable<SentBlock['body']>): void {
    // The log copies the body, so it is not stored here.
    this.#sent.block({ ...block, body: null }, body.count, body.records.length)
    if (!appender.appendBody(this.#topic, block.segment.key, body, this.#safeMark)) this.#context.onLogFull()
  }

  #goDirect(appender: BodyAppender): void {
    this.#draft.seal()
    for (let body = this.#draft.first(); body !== undefined; body = this.#draft.first()) {
      // These records are only in memory, like all later ones in direct mode.
      this.#sent.memory(body.count)
      if (!appender.appendBody(this.#topic, this.#context.key, body, body.lastMark)) this.#context.onLogFull()
      this.#draft.shift()
    }
    this.#isDirect = true
    this.#progressAtMs = performance.now()
  }

  #memorySettled(records: number, lossReason: string | null): void {
    const { listener } = this.#context
    this.safe += records
    if (lossReason === null) listener.onAck(this.#topic, records)
    else listener.onLoss(this.#topic, records, lossReason)
  }

  #reportMark(mark: number): void {
    if (mark < this.#safeMark) return
    this.#safeMark = mark
    this.#context.listener.onMark(this.#topic, mark)
  }
}
