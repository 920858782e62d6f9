// Flags of `eunomia collect`, shared by the command and the parts that it starts.

/** How events are printed. */
export const OUTPUTS = ['kafka', 'json', 'csv', 'table'] as const

/** Flags of the command. */
export interface CollectFlags {
  readonly output: (typeof OUTPUTS)[number]
  readonly duration?: number
  readonly container?: string
  readonly pid?: number
  readonly uid?: number
  readonly kind?: string[]
  /** Milliseconds. */
  readonly minDuration?: number
  readonly columns?: string[]
  readonly capture?: string
  readonly record?: string
  /** Bound of the recording, bytes. */
  readonly recordMax: number
  readonly dockerSocket?: string[]
  readonly metricsPort?: string
  readonly unload?: boolean
}
