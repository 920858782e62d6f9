// What is missing in a range of a host's events: gaps in the numbers that the kernel gave them, and the losses that heartbeats name.
import type { HostEvent, Loss, Origin } from '../../../schemas/generated/types.js'
import { OffsetRanges } from '../../delivery/settlement/offset-ranges.js'

/** Gaps and losses of a story, at most. */
const MAX_LISTED = 200
/** Ranges of one sequence, at most: beyond it, the later numbers are not looked at. */
const MAX_RANGES = 10_000
/** Sequences, and losses of the ledger, at most. */
const MAX_SEQUENCES = 4_096
const MAX_LOSSES = 10_000
const MAX_SILENCES = 8
/** Heartbeats come every ten seconds. */
const SILENCE_US = 60_000_000

/** Numbers of a sequence that no event has. */
export interface EventGap {
  readonly topic: string
  readonly cpu: number
  readonly count: number
  /** Events around the gap; Unix time, microseconds. */
  readonly afterUs: number
  readonly beforeUs: number
}

/** What is missing. */
export interface MissingEvents {
  readonly gaps: readonly EventGap[]
  /** Of all gaps, those that are not listed too. */
  readonly missing: number
  /** Losses of the ledger in the window. */
  readonly ledger: readonly Loss[]
  /** Of all losses. */
  readonly lost: number
  /** Times in the window without a heartbeat of the collector. */
  readonly silences: readonly { readonly afterUs: number; readonly beforeUs: number }[]
  /** Sequences with so many gaps that not all of them were looked at. */
  readonly unchecked: number
}

interface Sequence {
  readonly topic: string
  readonly cpu: number
  readonly epoch: number
  readonly seen: OffsetRanges
  /** Times of the events at the ends of ranges. */
  readonly times: Map<number, number>
  isFull: boolean
}

/** Watches the numbers of all events of one host and boot. */
export class EventGaps {
  readonly #sequences = new Map<string, Sequence>()
  /** Sequences found no room. */
  #hasUnseen = false
  readonly #heartbeats: number[] = []
  readonly #losses = new Map<string, Loss>()
  readonly #fromUs: number
  readonly #toUs: number

  constructor(fromUs: number, toUs: number) {
    this.#fromUs = fromUs
    this.#toUs = toUs
  }

  /**
   * An event; those around the window too, so that events in a slightly different order are no gap at its edges.
   * @returns false for one that was seen before: records may be sent twice
   */
  saw(topic: string, { epoch, cpu, seq, wallTimeUs }: Origin): boolean {
    const key = `${topic}/${String(cpu)}/${String(epoch)}`
    let sequence = this.#sequences.get(key)
    if (sequence === undefined) {
      if (this.#sequences.size >= MAX_SEQUENCES) {
        this.#hasUnseen = true
        return true
      }
      sequence = { topic, cpu, epoch, seen: new OffsetRanges(), times: new Map(), isFull: false }
      this.#sequences.set(key, sequence)
    }
    if (sequence.isFull) return true
    const { seen, times } = sequence
    if (seen.has(seq)) return false
    seen.add(seq, seq + 1)
    times.set(seq, wallTimeUs)
    // Only the ends of ranges need their times.
    for (const inner of [seq - 1, seq, seq + 1]) if (seen.has(inner - 1) && seen.has(inner) && seen.has(inner + 1)) times.delete(inner)
    if (seen.ranges.length > MAX_RANGES) sequence.isFull = true
    return true
  }

  heartbeat({ losses, origin }: HostEvent): void {
    if (this.#heartbeats.length < MAX_LOSSES) this.#heartbeats.push(origin.wallTimeUs)
    for (const loss of losses) {
      const isIn = loss.untilUs >= this.#fromUs && loss.fromUs <= this.#toUs
      if (isIn && this.#losses.size < MAX_LOSSES) this.#losses.set(JSON.stringify(loss), loss)
    }
  }

  /** @param isOver the window has ended: a heartbeat would have come */
  result(isOver = true): MissingEvents {
    const sequences = [...this.#sequences.values()]
    const gaps = sequences.flatMap((sequence) => this.#gapsOf(sequence)).sort((a, b) => b.count - a.count || a.afterUs - b.afterUs)
    const ledger = [...this.#losses.values()].sort((a, b) => a.fromUs - b.fromUs)
    return {
      gaps: gaps.slice(0, MAX_LISTED),
      missing: gaps.reduce((sum, { count }) => sum + count, 0),
      ledger: ledger.slice(0, MAX_LISTED),
      lost: ledger.reduce((sum, { count }) => sum + count, 0),
      silences: this.#silences(isOver),
      unchecked: sequences.filter(({ isFull }) => isFull).length + (this.#hasUnseen ? 1 : 0),
    }
  }

  /** Longer than several heartbeats take. */
  #silences(isOver: boolean): { afterUs: number; beforeUs: number }[] {
    const times = this.#heartbeats.toSorted((a, b) => a - b)
    const inside = times.filter((atUs) => atUs > this.#fromUs && atUs < this.#toUs)
    const before = times.findLast((atUs) => atUs <= this.#fromUs) ?? this.#fromUs
    const after = times.find((atUs) => atUs >= this.#toUs) ?? this.#toUs
    const points = [Math.max(before, this.#fromUs - SILENCE_US), ...inside, ...(isOver ? [after] : [])]
    return points
      .slice(1)
      .flatMap((beforeUs, index) => [
        { afterUs: Math.max(points[index] ?? beforeUs, this.#fromUs), beforeUs: Math.min(beforeUs, this.#toUs) },
      ])
      .filter(({ afterUs, beforeUs }) => beforeUs - afterUs > SILENCE_US)
      .slice(0, MAX_SILENCES)
  }

  #gapsOf({ topic, cpu, epoch, seen, times }: Sequence): EventGap[] {
    // Counters that were made in the window begin with 1.
    const first = seen.ranges[0]?.[0] ?? 1
    const firstUs = times.get(first) ?? this.#toUs
    const isNew = epoch >= this.#fromUs && epoch <= this.#toUs && first > 1
    const begin = isNew ? [{ topic, cpu, count: first - 1, afterUs: epoch, beforeUs: firstUs }] : []
    return [...begin, ...this.#between(topic, cpu, seen, times)]
  }

  #between(topic: string, cpu: number, seen: OffsetRanges, times: ReadonlyMap<number, number>): EventGap[] {
    return seen.ranges.slice(1).flatMap(([from], index) => {
      const [, end] = seen.ranges[index] ?? [0, from]
      const afterUs = times.get(end - 1) ?? this.#fromUs
      const beforeUs = times.get(from) ?? this.#toUs
      return beforeUs < this.#fromUs || afterUs > this.#toUs ? [] : [{ topic, cpu, count: from - end, afterUs, beforeUs }]
    })
  }
}
