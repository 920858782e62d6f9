// Remembers the class of the values of some fields: on a host the same programs open the same files, again and again. Where values do not come again, it
// is not asked.
import { listSlot, numberSlot, textSlot } from '../fields/bytes/record-slots.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'
import { RecordKeys, type KeyInputs } from './record-keys.js'

/** Operands whose values are made of the same. */
export type MemoGroup = 'path' | 'program' | 'socket'

/** Inputs by group. A result is only asked whether it is a failure, and which. */
export const MEMO_INPUTS: Readonly<Record<MemoGroup, KeyInputs>> = {
  path: {
    texts: [textSlot('path'), textSlot('newPath')],
    lists: [],
    numbers: (['type', 'result', 'pathSource', 'flags', 'descriptorType', 'isCreate', 'isCreated', 'fd'] as const).map(numberSlot),
  },
  program: {
    texts: [textSlot('process.name'), textSlot('process.exePath'), textSlot('process.program'), textSlot('filename')],
    lists: [listSlot('process.args')],
    numbers: (['type', 'result'] as const).map(numberSlot),
  },
  socket: {
    texts: [textSlot('remoteAddress'), textSlot('localAddress'), textSlot('remoteName'), textSlot('localName')],
    lists: [],
    numbers: (['type', 'family', 'protocol', 'socketType', 'isServer'] as const).map(numberSlot),
  },
}

const PLACES = 1024
/** After so many keys it is decided whether to go on, and for so many it is not asked if most were new. */
const PERIOD = 1024
const PAUSE = 64 * PERIOD

/** Classes by values, for one event type. */
export class ValueMemo {
  readonly #keys: RecordKeys
  readonly #classes = new Int32Array(PLACES)
  #asked = 0
  #known = 0
  #pause = 0

  constructor(inputs: KeyInputs) {
    this.#keys = new RecordKeys(inputs, PLACES)
  }

  /** False while values do not come again. */
  isWorthIt(): boolean {
    if (this.#pause > 0) {
      this.#pause--
      return false
    }
    if (this.#asked === PERIOD) {
      if (2 * this.#known < PERIOD) this.#pause = PAUSE
      this.#asked = this.#known = 0
    }
    return true
  }

  /** The class of the values of a record; -1 for new values: `keep` it; -2 for values that are not remembered. */
  find(record: ScannedRecord): number {
    this.#asked++
    const place = this.#keys.find(record)
    if (place < 0) return place
    this.#known++
    return this.#classes[place] ?? -2
  }

  /** Remembers the class of the values that were asked for last. */
  keep(found: number): void {
    this.#classes[this.#keys.keep()] = found
  }

  /** Forgets all values. */
  clear(): void {
    this.#keys.clear()
  }
}
