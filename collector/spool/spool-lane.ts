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
  /** The log says that it is full: it takes this and should get no more until `isLogFull` is false. */
  readonly onLogFull: () => void
  readonly isLogFull: () => boolean
  /** Bytes in memory that wait for the disk have grown by so many. */
  readonly onWaiting: (bytes: number) => void
  /** Size at which a block is whole. */
  readonly blockBytes: number
  /** Bytes of blocks that may be under way. */
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
  /** The log acknowledged something since the lane left the straight way. */
  #isAlive = false
  /** Everything up to it was told to be safe. */
  #safeMark = 0
  #progressAtMs = performance.now()
  #isEnding = false
  /** Records appended, and those of them that are in the log, in the spool or lost. */
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

  /** Records go straight to the log. */
  get isDirect(): boolean {
    return this.#isDirect
  }

  /** @returns false when nothing more should come until there is room */
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

  /** Looks after it: writes what waits, and leaves the straight way when the log acknowledges nothing for `outageMs`. */
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

  /** Puts into the spool what is in memory. */
  seal(): void {
    this.#draft.seal()
    this.#writeDraft()
  }

  /**
   * Leaves the straight way: what the log holds unacknowledged goes into the spool too, and stays under way.
   * @returns false when the disk refuses; what it took is in the spool then, the rest stays where it was
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

  /** Gives the log what it may have of the spool, and goes the straight way again when nothing is left in it. */
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
    if (this.#isAlive || this.#sent.isEmpty) this.#goStraight(appender)
  }

  /** The log acknowledged `records`, or lost them. */
  settled(mark: number, records: number, lossReason: string | null): void {
    // What the log gives up at its end stays in the spool; what is in memory only is counted by giveUp.
    if (this.#isEnding && lossReason !== null) return
    this.#progressAtMs = performance.now()
    this.#isAlive = true
    this.#sent.settle(records, lossReason)
    this.#tellMark(mark)
    if (!this.#isDirect) this.pump()
  }

  /** Nothing is sent any more. */
  end(): void {
    this.#isEnding = true
  }

  /** What is nowhere but in memory is lost. */
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

  /** Bodies at the end of what the log holds that are not in the spool. Halves of a divided batch that are through are not among them. */
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
    this.#tellMark(lastMark)
  }

  #send(appender: BodyAppender, block: SentBlock, body: NonNullable<SentBlock['body']>): void {
    // The body was copied; the block is remembered without it.
    this.#sent.block({ ...block, body: null }, body.count, body.records.length)
    if (!appender.appendBody(this.#topic, block.segment.key, body, this.#safeMark)) this.#context.onLogFull()
  }

  #goStraight(appender: BodyAppender): void {
    this.#draft.seal()
    for (let body = this.#draft.first(); body !== undefined; body = this.#draft.first()) {
      // These are in memory only, as what comes behind them will be.
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

  #tellMark(mark: number): void {
    if (mark < this.#safeMark) return
    this.#safeMark = mark
    this.#context.listener.onMark(this.#topic, mark)
  }
}
