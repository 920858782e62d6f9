// What a spool can be told.

/** When written records are put onto the disk itself; see the setting `collector.spool.sync`. */
export const SPOOL_SYNCS = ['none', 'interval', 'always'] as const
export type SpoolSync = (typeof SPOOL_SYNCS)[number]

/** How a spool behaves. */
export interface SpoolConfig {
  /** Folder of its own; made when it is not there. */
  readonly folder: string
  /** Most bytes of its files, at least 1 MiB. */
  readonly maxBytes: number
  readonly sync: SpoolSync
}

export const LEAST_SPOOL_BYTES = 1 << 20
const LEAST_SEGMENT_BYTES = 16 << 10
const MOST_SEGMENT_BYTES = 16 << 20
const SEGMENTS = 64

/** Size at which a segment is full: what goes at once when the spool is full. */
export function segmentBytesOf(maxBytes: number): number {
  return Math.min(Math.max(Math.floor(maxBytes / SEGMENTS), LEAST_SEGMENT_BYTES), MOST_SEGMENT_BYTES)
}
