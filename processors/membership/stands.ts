// Which of two entries of one key stands. The Lua script of the Redis store says the same.
import type { KindSettings } from './membership-key.js'

/** What is compared of an entry. */
export interface Dated {
  readonly bootTimeUs: number
  readonly value: Uint8Array
}

/** True when `candidate` takes the place of `current`. The bytes decide between entries of the same time, so that order never does. */
export function takesPlace(candidate: Dated, current: Dated, keeps: KindSettings['keeps']): boolean {
  if (candidate.bootTimeUs !== current.bootTimeUs) return (keeps === 'latest') === candidate.bootTimeUs > current.bootTimeUs
  return Buffer.compare(candidate.value, current.value) < 0
}
