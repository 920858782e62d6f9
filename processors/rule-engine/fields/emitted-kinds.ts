// Which event types today's collector makes, of all that records can hold. A rule about others can be judged, from records of another
// source or of a later collector, but stays silent on a live host: `rules list` and `rules check` say so. Nothing is judged by it.
import { COLLECTED_TYPES_OF } from './record/event-type.js'
import type { RecordHead } from '../judged-event.js'

const words = (text: string): readonly string[] => text.split(' ')

const EMITTED_TYPES_OF: Readonly<Record<RecordHead['topic'], readonly string[]>> = {
  process: words('execve execveat clone clone3 fork vfork procexit'),
  file: words('open openat openat2 creat'),
  network: [],
  kernel: [],
}

const EMITTED: ReadonlySet<string> = new Set(Object.values(EMITTED_TYPES_OF).flat())

/** The collector makes events of this type. */
export function isEmitted(eventType: string): boolean {
  return EMITTED.has(eventType)
}

/** Those of the types that no collector makes yet, in their order. */
export function typesNotEmitted(eventTypes: readonly string[]): string[] {
  return eventTypes.filter((type) => !EMITTED.has(type))
}

/** Topics with the types that are made and those that are not. */
export function emittedTypes(): readonly { topic: RecordHead['topic']; emitted: readonly string[]; notYet: readonly string[] }[] {
  const topics = Object.keys(COLLECTED_TYPES_OF) as RecordHead['topic'][]
  return topics.map((topic) => ({ topic, emitted: EMITTED_TYPES_OF[topic], notYet: typesNotEmitted(COLLECTED_TYPES_OF[topic]) }))
}
