// Flags of `eunomia run`, shared by the command and the parts that it starts.
import type { SwitchFlags } from '../settings.js'

/** Flags of the command. */
export interface RunFlags extends SwitchFlags {
  readonly demo: boolean
  readonly capture?: string
  readonly rules?: string[]
  readonly pipeline?: string[]
  readonly placeholder?: string[]
  readonly strict?: boolean
  readonly allowFewer?: boolean
  readonly dockerSocket?: string[]
  readonly metricsPort?: string
  readonly json: boolean
  readonly sink?: string
  readonly exitAfterAlert: boolean
}
