// The record Process as Avro bytes, and what they were made from, so that a change is seen. Kept with the image of the process.
import type { CgroupMembership } from '../containers/container-index.js'
import type { EncodedRawTexts } from './raw-texts.js'

/** Avro bytes of a process at [0, length), valid until the next process is encoded. */
export interface ProcessBytes {
  readonly bytes: Uint8Array
  readonly length: number
  readonly raw: EncodedRawTexts
}

/** Bytes that are kept, and what they were made from. */
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
  readonly accountsGeneration: number
  readonly exeSha256: string | null
  hashesGeneration: number
}
