// The record Namespaces as Avro bytes. Most processes of a host share their namespaces, so the bytes made last are spliced again.
import { AvroWriter } from '../../schemas/avro-writer.js'
import { copyBytes } from '../ring-events/copy-bytes.js'
import { microsecondsAt } from '../ring-events/event-header.js'
import { NAMESPACE_FACTS } from '../ring-events/task-facts.js'
import { uint32At } from '../ring-events/uint32-at.js'

/** In the order of the schema. */
const NUMBERS = ['mount', 'pid', 'network', 'user', 'uts', 'ipc', 'cgroup'] as const

/** Writes what struct namespace_facts tells. */
export class NamespacesEncoder {
  readonly #writer = new AvroWriter(128)
  /** What was encoded last, without the number of the parent; no facts are that short. */
  #facts: Uint8Array = new Uint8Array(0)
  #bytes: Uint8Array = new Uint8Array(0)

  /** Writes the union of null and the record. */
  write(writer: AvroWriter, facts: Uint8Array): void {
    if (!isSame(this.#facts, facts)) this.#encode(facts)
    writer.raw(this.#bytes, 0, this.#bytes.length)
  }

  /** Writes the union of null and the parent's number in the pid namespace of the process. */
  writeParentPid(writer: AvroWriter, facts: Uint8Array): void {
    if (!isKnown(facts)) return writer.nulls(1)
    writer.int(1)
    writer.int(uint32At(facts, NAMESPACE_FACTS.parentNamespacePid) | 0)
  }

  #encode(facts: Uint8Array): void {
    const writer = this.#writer
    const view = new DataView(facts.buffer, facts.byteOffset, facts.byteLength)
    writer.reset()
    writer.int(isKnown(facts) ? 1 : 0)
    if (isKnown(facts)) {
      for (const name of NUMBERS) writer.long(view.getUint32(NAMESPACE_FACTS[name], true))
      const startUs = microsecondsAt(view, NAMESPACE_FACTS.pidStartBootNs)
      writer.int(startUs === 0 ? 0 : 1)
      if (startUs !== 0) writer.long(startUs)
    }
    this.#facts = facts
    this.#bytes = copyBytes(writer.bytes, 0, writer.position)
  }
}

/** Every namespace has a number. */
function isKnown(facts: Uint8Array): boolean {
  return uint32At(facts, NAMESPACE_FACTS.pid) !== 0
}

function isSame(known: Uint8Array, facts: Uint8Array): boolean {
  if (known === facts) return true
  if (known.length !== facts.length) return false
  for (let at = 0; at < NAMESPACE_FACTS.parentNamespacePid; at++) if (known[at] !== facts[at]) return false
  return true
}
