// The facts of containers that were found before, by the bytes that name a container in a record: without a text and a look-up for each event. Facts of a
// container do not change, so that what is remembered stays true. Bounded; nothing is remembered of a container whose facts are not known.
import type { ContainerFacts } from '../../../schemas/generated/types.js'
import { RecordKeys } from '../../rule-engine/compiled/record-keys.js'
import { textSlot } from '../../rule-engine/fields/bytes/record-slots.js'
import { latin1At, type ScannedRecord } from '../../rule-engine/fields/bytes/scanned-record.js'
import type { HostBoot } from '../../membership/membership-key.js'

const HOST_ID = textSlot('origin.hostId')
const BOOT_ID = textSlot('origin.bootId')
const CONTAINER_ID = textSlot('process.containerId')
/** Containers that are remembered. */
const PLACES = 16_384
/** Two UUIDs and an id of 64 digits; a longer id is looked up each time. */
const KEY_WORDS = 40

/** Facts of containers of any host. */
export class KnownContainers {
  readonly #keys = new RecordKeys({ texts: [HOST_ID, BOOT_ID, CONTAINER_ID], lists: [], numbers: [] }, PLACES, KEY_WORDS)
  readonly #facts: ContainerFacts[] = []

  /**
   * The facts of the container of a record; null if it is in none, or its facts are not known.
   * @param find looks for what is not remembered
   */
  factsOf(record: ScannedRecord, find: (origin: HostBoot, containerId: string) => ContainerFacts | null): ContainerFacts | null {
    if ((record.texts[2 * CONTAINER_ID] ?? -1) < 0) return null
    const place = this.#keys.find(record)
    const known = place < 0 ? undefined : this.#facts[place]
    if (known !== undefined) return known
    const containerId = latin1At(record, CONTAINER_ID)
    const hostId = latin1At(record, HOST_ID)
    const bootId = latin1At(record, BOOT_ID)
    const facts = containerId === null || hostId === null || bootId === null ? null : find({ hostId, bootId }, containerId)
    if (facts !== null && place === -1) this.#facts[this.#keys.keep()] = facts
    return facts
  }
}
