// Folders for spools in tests, and small blocks to fill them with.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecordBody } from '../../../infra/topic-log/body-appender.js'
import { readRecords, RecordBatchWriter } from '../../../infra/kafka/publisher/record-batch.js'

/** Key of all records. */
export const SPOOL_KEY = Buffer.from('host')

/** Calls `use` with a new folder and removes it afterwards. */
export async function withSpoolFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-spool-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The files of segments, oldest first. */
export function segmentFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.spool'))
    .sort()
    .map((name) => join(folder, name))
}

/** A body with these values. */
export function bodyOfValues(values: readonly string[]): RecordBody {
  const bytes = values.map((value) => Buffer.from(value))
  const writer = new RecordBatchWriter(Buffer.alloc(bytes.reduce((sum, value) => sum + value.length + 64, 128)), 0)
  bytes.forEach((value, index) =>
    writer.append({ key: SPOOL_KEY, value, valueStart: 0, valueEnd: value.length, timestampMs: 1_000 + index }),
  )
  const { count, baseTimestampMs, maxTimestampMs, attributes, records } = writer
  return { count, baseTimestampMs, maxTimestampMs, attributes, records }
}

/** The values of a body. */
export function valuesOfBody(body: RecordBody | null): string[] {
  const values: string[] = []
  if (body === null) return values
  const records = Buffer.from(body.records)
  readRecords(records, body.count, (_index, _delta, _keyStart, _keyEnd, start, end) => values.push(records.toString('utf8', start, end)))
  return values
}
