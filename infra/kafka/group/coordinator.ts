// Requests to the coordinator of a group or of a transactional id, which may move: whoever gets an error asks again later, and the coordinator
// is looked up anew.
import { createErrorFromCode } from '../kafkajs-internals/cluster.js'
import type { CoordinatorKind, FrameApi, KafkaTransport } from '../transport.js'

// See https://kafka.apache.org/protocol#protocol_error_codes
export const ILLEGAL_GENERATION = 22
export const UNKNOWN_MEMBER_ID = 25
export const REBALANCE_IN_PROGRESS = 27
export const CONCURRENT_TRANSACTIONS = 51
/** COORDINATOR_LOAD_IN_PROGRESS. */
const LOADING = 14
export const MEMBER_ID_REQUIRED = 79
export const FENCED_INSTANCE_ID = 82
export const UNSTABLE_OFFSET_COMMIT = 88
/** COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR. */
const MOVED: readonly number[] = [15, 16]

/** A broker answered with an error. */
export class BrokerAnswerError extends Error {
  readonly errorCode: number
  /** Name of the error in Kafka, for `kafkaErrorOf`. */
  readonly type: string

  constructor(errorCode: number, what: string) {
    const { message, type } = createErrorFromCode(errorCode)
    super(`${what}: ${message}`)
    this.name = type
    this.errorCode = errorCode
    this.type = type
  }
}

/** True for what passes within moments: the coordinator starts, moves, or still writes the end of the transaction before. */
export function isBusy(error: unknown): boolean {
  return error instanceof BrokerAnswerError && [LOADING, ...MOVED, CONCURRENT_TRANSACTIONS].includes(error.errorCode)
}

/** The coordinator of one group or one transactional id. */
export class Coordinator {
  readonly #transport: KafkaTransport
  readonly #kind: CoordinatorKind
  readonly #id: string

  constructor(transport: KafkaTransport, kind: CoordinatorKind, id: string) {
    this.#transport = transport
    this.#kind = kind
    this.#id = id
  }

  /** Sends a request once. Rejects if it is not answered: then nobody knows whether it was received. */
  async send(api: FrameApi, frame: Buffer, timeoutMs?: number, silenceMs?: number): Promise<Buffer> {
    const connection = await this.#transport.coordinatorConnection(this.#kind, this.#id).catch((error: unknown) => {
      this.#transport.forgetCoordinator(this.#kind, this.#id)
      throw error
    })
    try {
      return await this.#transport.sendFrame(connection, api, frame, timeoutMs, silenceMs)
    } catch (error) {
      this.#transport.drop(connection)
      this.#transport.forgetCoordinator(this.#kind, this.#id)
      throw error
    }
  }

  /** @throws BrokerAnswerError for an error code other than 0 */
  check(errorCode: number, what: string): void {
    if (errorCode === 0) return
    if (MOVED.includes(errorCode)) this.#transport.forgetCoordinator(this.#kind, this.#id)
    throw new BrokerAnswerError(errorCode, what)
  }
}
