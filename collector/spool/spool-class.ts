// Which records go first when the spool is full. Every topic belongs to a class; a class owns a share of the bound and may use more while others do not need theirs.
// What is above its share goes in the order of the classes, so a flood of opens never pushes out an exec.
import type { TopicKey } from '../../infra/topic-log/topics.js'

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
