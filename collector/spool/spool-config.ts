// Settings of a spool, and the classes that decide which records are dropped first when it is full. Every topic belongs to a class; a class owns
// a share of the bound and may use more while others need less. A flood of opens therefore never pushes out an exec.
import type { TopicKey } from '../../infra/topic-log/topics.js'

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

/** Classes in the order in which they lose their oldest records. */
export const SPOOL_CLASSES = ['usage', 'bulk', 'security', 'state'] as const
/** One of them. */
export type SpoolClass = (typeof SPOOL_CLASSES)[number]

/** Parts of the bound that a class keeps whatever the others do; together the whole. */
export const SPOOL_SHARES: Readonly<Record<SpoolClass, number>> = { usage: 0.05, bulk: 0.25, security: 0.6, state: 0.1 }

const CLASSES: Readonly<Partial<Record<string, SpoolClass>>> = {
  usage: 'usage',
  file: 'bulk',
  process: 'security',
  network: 'security',
  kernel: 'security',
  container: 'state',
  host: 'state',
}

/** The class of a topic; of one that is not named, `security`: what nobody thought of is kept long. */
export function spoolClassOf(topic: TopicKey): SpoolClass {
  return CLASSES[topic] ?? 'security'
}
