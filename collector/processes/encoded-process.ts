// Avro bytes that the process table caches for the encoder: of a process, its lineage and its standard streams.
// The table never reads them.
import type { CgroupMembership } from '../containers/container-index.js'

/** Encoded entries of the map `raw` of an event, to be spliced into it. */
export interface EncodedRawTexts {
  readonly count: number
  readonly bytes: Uint8Array
}

/** Avro bytes of adjacent fields, with the texts in them that are not valid UTF-8. */
export interface EncodedFields {
  readonly bytes: Uint8Array
  readonly raw: EncodedRawTexts
}

/** Avro bytes of a process at [0, length), valid until the next process is encoded. */
export interface ProcessBytes {
  readonly bytes: Uint8Array
  readonly length: number
  readonly raw: EncodedRawTexts
}

/** Cached bytes, and the state from which they were encoded. */
export interface EncodedProcess extends ProcessBytes {
  readonly uid: number
  readonly gid: number
  readonly euid: number
  readonly egid: number
  readonly cgroupLow: number
  readonly cgroupHigh: number
  readonly isCgroupV1: boolean
  readonly membership: CgroupMembership
  membershipGeneration: number
  readonly usersGeneration: number
  readonly exeSha256: string | null
  hashesGeneration: number
}
