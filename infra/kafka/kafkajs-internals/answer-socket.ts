// Sockets for connections with large answers: each is read straight into lent memory of its size. Node gives chunks of 64 KiB, which kafkajs
// joins when all are there: a copy of every answer, and twice its memory.
import net from 'node:net'
import tls from 'node:tls'
import type { ISocketFactory } from 'kafkajs'
import type { FramePool } from './frame-pool.js'

const SIZE_BYTES = 4
const SMALL_BYTES = 64 * 1024
/** Far above what a broker answers to a bounded request; a larger size is not Kafka's protocol. */
const MOST_ANSWER_BYTES = 512 * 1024 * 1024
const KEEP_ALIVE_MS = 60_000

/** Cuts what a broker sends into answers. */
export class AnswerReader {
  readonly #onAnswer: (answer: Buffer) => void
  readonly #pool: FramePool
  readonly #small = Buffer.allocUnsafeSlow(SMALL_BYTES)
  #smallBytes = 0
  #large: Buffer | undefined
  #largeBytes = 0

  /**
   * @param pool lends memory to answers above SMALL_BYTES
   * @param onAnswer gets each answer with its size field
   */
  constructor(pool: FramePool, onAnswer: (answer: Buffer) => void) {
    this.#pool = pool
    this.#onAnswer = onAnswer
  }

  /** Where the next bytes belong; never empty. */
  get space(): Buffer {
    return this.#large === undefined ? this.#small.subarray(this.#smallBytes) : this.#large.subarray(this.#largeBytes)
  }

  /** The first bytes of the space were filled. @throws RangeError for a size that no answer has */
  filled(bytes: number): void {
    if (this.#large === undefined) {
      this.#smallBytes += bytes
      this.#cut()
      return
    }
    this.#largeBytes += bytes
    if (this.#largeBytes < this.#large.length) return
    const answer = this.#large
    this.#large = undefined
    this.#onAnswer(answer)
  }

  #cut(): void {
    const small = this.#small
    let at = 0
    while (this.#smallBytes - at >= SIZE_BYTES) {
      const size = SIZE_BYTES + small.readInt32BE(at)
      if (size < SIZE_BYTES || size > MOST_ANSWER_BYTES) throw new RangeError(`an answer of ${String(size - SIZE_BYTES)} bytes`)
      const end = at + size
      if (end <= this.#smallBytes) this.#onAnswer(Buffer.from(small.subarray(at, end)))
      else if (size > SMALL_BYTES) {
        this.#large = this.#pool.take(size)
        this.#largeBytes = small.copy(this.#large, 0, at, this.#smallBytes)
      } else break
      at = Math.min(end, this.#smallBytes)
    }
    small.copyWithin(0, at, this.#smallBytes)
    this.#smallBytes -= at
  }
}

/** Like the socket factory of kafkajs; each answer is one `data` event. */
export function answerSockets(pool: FramePool): ISocketFactory {
  return ({ host, port, ssl, onConnect }) => {
    const reader = new AnswerReader(pool, (answer) => socket.emit('data', answer))
    const onread = {
      buffer: () => reader.space,
      callback: (bytes: number) => {
        try {
          reader.filled(bytes)
        } catch (error) {
          socket.destroy(error as Error)
        }
        return true
      },
    }
    const options = { host, port, onread }
    // The types of tls.connect lack its documented option onread.
    const secured = { ...options, ...(net.isIP(host) === 0 && { servername: host }), ...ssl }
    const socket = ssl ? tls.connect(secured, onConnect) : net.connect(options, onConnect)
    return socket.setKeepAlive(true, KEEP_ALIVE_MS)
  }
}
