// One open session as kernel-session.ts describes it, over the addon's object. Knows spans of bytes, not records.
import { release } from 'node:os'
import type { AddonSession } from './addon.js'
import type { CpuCounters, KernelSession, PinnedState, ProbeState, Ring, RingSpan } from './kernel-session.js'
import { mapFilters, numbersOf, settingsOf, type KernelFilterName, type KernelFilters } from './kernel-filters.js'
import { withKernelNeed } from './kernel-need.js'

/** KIND_MAX of bpf/record/event.h. */
export const MAX_KINDS = 64

class AddonRing implements Ring {
  readonly name: 'security' | 'bulk'
  readonly sizeBytes: number
  readonly bytes: Uint8Array
  readonly #index: number
  readonly #session: AddonSession
  readonly #state: Float64Array

  constructor(name: 'security' | 'bulk', index: number, session: AddonSession, state: Float64Array) {
    this.name = name
    this.#index = index
    this.#session = session
    this.#state = state
    this.bytes = new Uint8Array(session.bytes(index))
    this.sizeBytes = this.bytes.byteLength / 2
  }

  poll(span: RingSpan, maxBytes: number): number {
    const records = this.#session.poll(this.#index, maxBytes)
    span.startOffset = this.#state[0] ?? 0
    span.endOffset = this.#state[1] ?? 0
    span.endPosition = this.#state[2] ?? 0
    span.bytesBehind = this.#state[3] ?? 0
    return records
  }

  ack(position: number): void {
    this.#session.ack(this.#index, position)
  }

  arm(): boolean {
    return this.#session.arm(this.#index)
  }
}

/** A session whose rings, counters and probes are those of `addonSession`. After `close` rings give nothing and lists are empty. */
export class AddonKernelSession implements KernelSession {
  readonly probes: readonly ProbeState[]
  readonly rings: readonly [security: Ring, bulk: Ring]
  readonly pinned: PinnedState | null
  readonly #session: AddonSession

  constructor(addonSession: AddonSession, pinned: { readonly isAdopted: boolean } | null = null) {
    const state = new Float64Array(addonSession.pollState())
    this.#session = addonSession
    this.pinned = pinned === null ? null : { ...addonSession.readerState(), isAdopted: pinned.isAdopted }
    this.probes = addonSession.probes().map((probe) => withKernelNeed(probe, release()))
    this.rings = [new AddonRing('security', 0, addonSession, state), new AddonRing('bulk', 1, addonSession, state)]
  }

  onWake(listener: () => void): void {
    this.#session.onWake(listener)
  }

  counters(): readonly CpuCounters[] {
    return this.#session.counters()
  }

  recursionMisses(): Readonly<Record<string, number>> {
    return this.#session.recursionMisses()
  }

  watchKinds(kinds: ReadonlySet<number>): void {
    const wanted = new Uint8Array(MAX_KINDS)
    for (const kind of kinds) wanted[kind] = 1
    this.#session.watchKinds(wanted)
  }

  setFilters(filters: KernelFilters): void {
    this.#session.setFilters(settingsOf(filters), numbersOf(filters))
  }

  judgePath(ticketLow: number, ticketHigh: number, isTold: boolean): void {
    this.#session.judgePath(ticketLow, ticketHigh, isTold)
  }

  suppressions(): Readonly<Record<KernelFilterName, readonly number[]>> {
    const counts = this.#session.suppressions()
    return mapFilters((filter) => counts.slice(filter * MAX_KINDS, (filter + 1) * MAX_KINDS))
  }

  renew(): void {
    this.#session.renew()
  }

  unread(): readonly number[] {
    return this.#session.unread()
  }

  tasks(): Uint8Array {
    return this.#session.tasks()
  }

  detach(): void {
    this.#session.detach()
  }

  close(): void {
    this.#session.close()
  }
}
