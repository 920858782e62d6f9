// The shape of the compiled addon (native/src/session.h): what index.ts loads and session.ts wraps.
import type { CpuCounters, ProbeState } from './kernel-session.js'

/** Options of one session. */
export interface AddonOptions {
  readonly objectPath: string
  /** Constants of the programs by name (bpf/knobs.bpf.h). */
  readonly rodata: Readonly<Record<string, number>>
  /** Sizes of the ring buffers by map name (bpf/maps.bpf.h). */
  readonly ringBytes: Readonly<Record<string, number>>
}

/** Rings by index: 0 security, 1 bulk. */
export interface AddonSession {
  probes(): ProbeState[]
  bytes(ring: number): ArrayBuffer
  /** Four doubles that `poll` writes: start offset, end offset, end position, bytes behind. */
  pollState(): ArrayBuffer
  poll(ring: number, maxBytes: number): number
  ack(ring: number, position: number): void
  arm(ring: number): boolean
  onWake(listener: () => void): void
  counters(): CpuCounters[]
  recursionMisses(): Record<string, number>
  /** One byte per kind, 0 for those that are left alone. */
  watchKinds(wanted: Uint8Array): void
  tasks(): Uint8Array
  detach(): void
  close(): void
}

/** What `require` of the addon gives. */
export interface Addon {
  readonly Session: new (options: AddonOptions) => AddonSession
}
