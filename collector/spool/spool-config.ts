// Settings of a spool, and the classes that decide which records are dropped first when it is full. Every topic belongs to a class; a class owns
// a share of the bound and may use more while others need less. A flood of opens therefore never pushes out an exec.
import type { TopicKey } from '../../infra/topic-log/topics.js'

/** When written records are synced to the disk; see the setting `collector.spool.sync`. */
export const SPOOL_SYNCS = ['none', 'interval', 'always'] as const
export type SpoolSync = (typeof SPOOL_SYNCS)[number]

/** Settings of a spool. */
export interface SpoolConfig {
  /** Its own folder; created when missing. */
  readonly folder: string
  /** Most bytes of its files, at least 1 MiB. */
  readonly maxBytes: number
  readonly sync: SpoolSync
}

export const LEAST_SPOOL_BYTES = 1 << 20
const LEAST_SEGMENT_BYTES = 16 << 10
const MOST_SEGMENT_BYTES = 16 << 20
const SEGMENTS = 64

/** Size at which a segment is full: the unit that a full spool drops. */
export function segmentBytesOf(maxBytes: number): number {
  return Math.min(Math.max(Math.floor(maxBytes / SEGMENTS), LEAST_SEGMENT_BYTES), MOST_SEGMENT_BYTES)
}

/** Classes in the order in which they lose their oldest records. */
export const SPOOL_CLASSES = ['usage', 'bulk', 'security', 'state'] as const
/** One of them. */
export type SpoolClass = (typeof SPOOL_CLASSES)[number]

/** Fractions of the bound that are reserved for each class; they add up to 1. */
export const SPOOL_SHARES: Readonly<Record<SpoolClass, number>> = { usage: 0.05, bulk: 0.25, security: 0.6, state: 0.1 }

const CLASSES: Readonly<Partial<Record<string, SpoolClass>>> = {
  usage: 'usage',
  file: 'bulk',
  process: 'security',
  network: 'security',
  kernel: 'security',
  container: 'state',
  host: 'state',
  audit: 'state',
}

/** The class of a topic; default `security`, so that an unlisted topic is dropped late. */
export function spoolClassOf(topic: TopicKey): SpoolClass {
  return CLASSES[topic] ?? 'security'
}
