// The bounds of a memory log.

/** How much a memory log holds and how it retries. */
export interface MemoryLogConfig {
  /** Bytes of one topic that its slowest group may be behind before appenders must wait; at twice of it they are refused. */
  readonly topicBytes: number
  /** Bytes of one buffer; records share buffers, and a buffer goes when all groups have passed it. */
  readonly chunkBytes: number
  /** Pause before a failed batch is tried again; doubled by each failure up to `maxRetryMs`. Milliseconds. */
  readonly retryMs: number
  readonly maxRetryMs: number
}

/** 16 MiB per topic: about 25,000 events. */
export const DEFAULT_MEMORY_LOG: MemoryLogConfig = { topicBytes: 16 * 1024 * 1024, chunkBytes: 256 * 1024, retryMs: 100, maxRetryMs: 5_000 }
