// Tracker of files: reads, writes and bytes by process and file. Reads the tables of bpf/usage/files.bpf.c.
import { low52BitsAt } from '../../ring-events/event-header.js'
import { FILE_KEY, FILE_USAGE } from '../../../native/generated/layout.js'
import type { FileUsage } from '../../../schemas/generated/types.js'
import { entryAggregates, sumRecord, type EntryLayout } from './entry-aggregates.js'
import { FilePaths } from './file-paths.js'
import { OverflowSteps } from './overflow.js'
import type { UsageReader, UsageTracker } from '../usage-reader.js'

/** Entries for each entry in the table of paths: many processes use the same files. */
const FILES_PER_PATH = 8

/** Counts of one file or the sum of many. */
type Counts = Pick<FileUsage, 'reads' | 'writes' | 'bytesRead' | 'bytesWritten'>

/** A reader of the tables. */
export function fileReader(): UsageReader {
  const overflow = new OverflowSteps()
  const paths = new FilePaths()
  const layout = layoutOf(paths)
  return {
    read: (round) => {
      paths.next(round.reading.tables['paths'] ?? Buffer.alloc(0))
      const { records, filtered } = entryAggregates(round.reading.tables['files'] ?? Buffer.alloc(0), layout, round)
      const [reads = 0, writes = 0, bytesRead = 0, bytesWritten = 0] = overflow.step(round.reading.overflow)
      const unplaced = sumRecord('overflow', { reads, writes, bytesRead, bytesWritten }, layout, round.interval)
      return { records: reads + writes > 0 ? [...records, unplaced] : records, filtered }
    },
  }
}

/** Definition of the tracker. */
export const FILE_TRACKER: UsageTracker = {
  name: 'file-usage',
  description: 'reads, writes and bytes counted by process and file',
  program: 'files',
  entries: (maxEntries) => ({ files: maxEntries, paths: Math.max(64, Math.ceil(maxEntries / FILES_PER_PATH)) }),
  overflowNames: ['reads', 'writes', 'bytesRead', 'bytesWritten', 'paths'],
  reader: fileReader,
}

function layoutOf(paths: FilePaths): EntryLayout<Counts> {
  return {
    type: 'files',
    entryBytes: FILE_KEY.bytes + FILE_USAGE.bytes,
    commAt: FILE_KEY.bytes + FILE_USAGE.comm,
    countsAt,
    weightOf: ({ bytesRead, bytesWritten, reads, writes }) => bytesRead + bytesWritten + reads + writes,
    sumOf,
    entryBody: (counts, bytes, at) => {
      const inode = String(bytes.readBigUInt64LE(at + FILE_KEY.inode))
      const file = { ...paths.of(bytes, at), inode, device: bytes.readUInt32LE(at + FILE_KEY.device), ...counts }
      return { calls: counts.reads + counts.writes, file }
    },
    sumBody: (counts) => {
      const file = { path: null, isPathTruncated: false, inode: null, device: null, ...counts }
      return { calls: counts.reads + counts.writes, file }
    },
  }
}

function countsAt(bytes: Buffer, at: number): Counts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    reads: low52BitsAt(view, at + FILE_KEY.bytes + FILE_USAGE.reads),
    writes: low52BitsAt(view, at + FILE_KEY.bytes + FILE_USAGE.writes),
    bytesRead: low52BitsAt(view, at + FILE_KEY.bytes + FILE_USAGE.bytesRead),
    bytesWritten: low52BitsAt(view, at + FILE_KEY.bytes + FILE_USAGE.bytesWritten),
  }
}

function sumOf(entries: readonly Counts[]): Counts {
  const sum = { reads: 0, writes: 0, bytesRead: 0, bytesWritten: 0 }
  for (const { reads, writes, bytesRead, bytesWritten } of entries) {
    sum.reads += reads
    sum.writes += writes
    sum.bytesRead += bytesRead
    sum.bytesWritten += bytesWritten
  }
  return sum
}
