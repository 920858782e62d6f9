// Keeps a member in its group while a handler works, and learns from the coordinator's answers whether the partition is still ours.
import { hasKafkaLabel } from '../kafka-errors.js'

// The coordinator has given our place away: whatever is made from now on is made by somebody else too.
const EXPELLED = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']

/** Heartbeats around one batch. */
export class BatchHeartbeat {
  readonly #beat: () => Promise<void>
  readonly #lost = new AbortController()
  readonly #timer: NodeJS.Timeout
  #error: unknown

  constructor(beat: () => Promise<void>, everyMs: number) {
    this.#beat = beat
    this.#timer = setInterval(() => {
      void this.beatNow()
    }, everyMs)
  }

  /** Aborted when the member has lost its partitions. */
  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** What the coordinator said other than yes: the group is being put together anew, or we are out. */
  get error(): unknown {
    return this.#error
  }

  async beatNow(): Promise<void> {
    try {
      await this.#beat()
    } catch (error) {
      this.#error = error
      if (hasKafkaLabel(error, ...EXPELLED)) this.#lost.abort(error)
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
