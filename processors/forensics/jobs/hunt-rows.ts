// The rows of hunts in eunomia.hunts.v1: written by the worker of a slice, read by whoever shows the hunt. A slice may be run more than once; its rows count
// once, those of the first attempt whose end is there.
import { partitionOf } from '../../../infra/kafka/partitions.js'
import type { RangeReader } from '../../../infra/topic-log/range-reader.js'
import type { TopicAppender } from '../../../infra/topic-log/topic-log.js'
import type { Codec } from '../../../schemas/codec.js'
import type { HuntRow } from '../../../schemas/generated/types.js'
import { decodeLearned } from '../../runtime/decode-learned.js'
import type { HuntMatch } from '../hunt/hunt-match.js'
import type { SliceAccount, SliceResult } from '../hunt/run-slice.js'
import { packed, unpacked } from './packed.js'
import type { SliceJob } from './hunt-queue.js'

/** Appends records; `flush` rejects when one was lost since the last. */
export type RowAppender = Pick<TopicAppender, 'append' | 'drained' | 'flush'>

/** Matches in one record: some hundred kilobytes. */
const MATCHES_OF_RECORD = 2_000

/** Appends rows and the end of a slice. Resolves when all are acknowledged; `flush` rejects otherwise. */
export async function writeSlice(
  { huntId, slice }: SliceJob,
  attempt: string,
  { alerts, account: { matches, ...account } }: SliceResult,
  { appender, codec }: { readonly appender: RowAppender; readonly codec: Codec },
): Promise<void> {
  const key = Buffer.from(huntId)
  let row = 0
  const append = async (content: Partial<Pick<HuntRow, 'alert' | 'matches' | 'account'>>): Promise<void> => {
    const value = codec.encode('hunts', { ...NOTHING, huntId, slice, attempt, row, ...content })
    const record = { topic: 'hunts', key, value, valueStart: 0, valueEnd: value.length, timestampMs: Date.now(), mark: ++row } as const
    if (!appender.append(record)) await appender.drained()
  }
  for (const alert of alerts) await append({ alert })
  for (let at = 0; at < matches.length; at += MATCHES_OF_RECORD)
    await append({ matches: packed(matches.slice(at, at + MATCHES_OF_RECORD)) })
  await append({ account: packed(account) })
  await appender.flush()
}

const NOTHING = { alert: null, matches: null, account: null }

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
export async function* readSlices(
  huntId: string,
  sinceMs: number,
  deps: RowsDeps,
): AsyncGenerator<SliceResult & { readonly slice: number }> {
  const attempts = new Map<string, Map<number, HuntRow>>()
  const ended = new Set<number>()
  for await (const record of readRows(huntId, sinceMs, deps)) {
    const { slice, attempt, row, account } = record
    if (ended.has(slice)) continue
    const key = `${String(slice)}/${attempt}`
    const records = attempts.get(key) ?? new Map<number, HuntRow>()
    attempts.set(key, records)
    if (account === null) {
      records.set(row, record)
      continue
    }
    attempts.delete(key)
    // A worker that was cut off in between: its slice comes again.
    if (records.size !== row) continue
    ended.add(slice)
    for (const other of attempts.keys()) if (other.startsWith(`${String(slice)}/`)) attempts.delete(other)
    yield { slice, ...resultOf([...records.values()], account) }
  }
}

function resultOf(records: readonly HuntRow[], account: Uint8Array): SliceResult {
  const alerts = records.flatMap(({ alert }) => (alert === null ? [] : [alert]))
  const matches = records.flatMap((record) => (record.matches === null ? [] : (unpacked(record.matches) as HuntMatch[])))
  return { alerts, account: { ...(unpacked(account) as Omit<SliceAccount, 'matches'>), matches } }
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
