// The rows of hunts in eunomia.hunts.v1: written by the worker of a slice, read by whoever shows the hunt. A slice may be run more than once; its rows count
// once, those of the first attempt whose end is there.
import { partitionOf } from '../../../infra/kafka/partitions.js'
import type { RangeReader } from '../../../infra/topic-log/range-reader.js'
import type { TopicAppender } from '../../../infra/topic-log/topic-log.js'
import type { Codec } from '../../../schemas/codec.js'
import type { HuntRow } from '../../../schemas/generated/types.js'
import { decodeLearned } from '../../runtime/decode-learned.js'
import { packed, unpacked } from './hunt-state.js'
import type { SliceJob } from './hunt-queue.js'

/** What a slice gave. */
export interface SliceRows {
  /** Alerts in wire format, in order. */
  readonly alerts: readonly Uint8Array[]
  readonly account: unknown
}

/** Appends records; `flush` rejects when one was lost since the last. */
export type RowAppender = Pick<TopicAppender, 'append' | 'drained' | 'flush'>

/** Appends rows and the end of a slice. Resolves when all are acknowledged; `flush` rejects otherwise. */
export async function writeSlice(
  { huntId, slice }: SliceJob,
  attempt: string,
  { alerts, account }: SliceRows,
  { appender, codec }: { readonly appender: RowAppender; readonly codec: Codec },
): Promise<void> {
  const key = Buffer.from(huntId)
  const append = async (row: number, alert: Uint8Array | null, end: Uint8Array | null): Promise<void> => {
    const value = codec.encode('hunts', { huntId, slice, attempt, row, alert, account: end })
    const record = { topic: 'hunts', key, value, valueStart: 0, valueEnd: value.length, timestampMs: Date.now(), mark: row + 1 } as const
    if (!appender.append(record)) await appender.drained()
  }
  for (const [row, alert] of alerts.entries()) await append(row, alert, null)
  await append(alerts.length, null, packed(account))
  await appender.flush()
}

/** What reading needs. */
export interface RowsDeps {
  readonly ranges: RangeReader
  readonly codec: Codec
  readonly signal: AbortSignal
}

/**
 * Reads the slices of a hunt that have ended by now, each once, in the order of their ends.
 * @param sinceMs when the hunt was started, Unix milliseconds
 */
export async function* readSlices(huntId: string, sinceMs: number, deps: RowsDeps): AsyncGenerator<SliceRows & { readonly slice: number }> {
  const attempts = new Map<string, Map<number, Uint8Array>>()
  const ended = new Set<number>()
  for await (const { slice, attempt, row, alert, account } of readRows(huntId, sinceMs, deps)) {
    if (ended.has(slice)) continue
    const key = `${String(slice)}/${attempt}`
    const alerts = attempts.get(key) ?? new Map<number, Uint8Array>()
    attempts.set(key, alerts)
    if (alert !== null) alerts.set(row, alert)
    if (account === null) continue
    attempts.delete(key)
    // A worker that was cut off in between: its slice comes again.
    if (alerts.size !== row) continue
    ended.add(slice)
    for (const other of attempts.keys()) if (other.startsWith(`${String(slice)}/`)) attempts.delete(other)
    yield { slice, alerts: [...alerts.values()], account: unpacked(account) }
  }
}

/** Slack for clocks of workers that are behind, milliseconds. */
const CLOCK_MS = 60_000

async function* readRows(huntId: string, sinceMs: number, { ranges, codec, signal }: RowsDeps): AsyncGenerator<HuntRow> {
  const bounds = await ranges.bounds(['hunts'])
  const partition = partitionOf(Buffer.from(huntId), bounds.length)
  const own = bounds.filter((one) => one.partition === partition)
  const [from = 0] = await ranges.firstAt(own, Math.max(0, sinceMs - CLOCK_MS))
  const range = { topic: 'hunts', partition, from, to: own[0]?.end ?? 0 } as const
  for await (const batch of ranges.read(range, { signal, onDamaged: () => undefined })) {
    while (batch.next()) {
      const key = batch.keyBytes.subarray(Math.max(0, batch.keyStart), Math.max(0, batch.keyEnd))
      if (Buffer.from(key).toString() === huntId && batch.valueStart >= 0) yield await decodeLearned('hunts', batch, codec)
    }
  }
}
