// Tracker of files: reads, writes and bytes by process and file, the largest one by one. Reads the tables of bpf/usage/files.bpf.c.
import { low52BitsAt } from '../ring-events/event-header.js'
import type { FileUsage } from '../../schemas/generated/types.js'
import { FilePaths } from './file-paths.js'
import { OverflowSteps } from './overflow.js'
import { topOf } from './top.js'
import { emptyUsage, type UsageBody, type UsageInterval } from './usage-aggregate.js'
import { isPidWanted, isPlaceWanted } from './usage-filter.js'
import { commAt, ownerAt, type UsageOwner, type UsagePlace } from './usage-owner.js'
import type { UsageReader, UsageResult, UsageRound, UsageTracker } from './usage-reader.js'

/** struct file_key, struct file_usage. */
const FILE = { inode: 24, device: 32, reads: 40, writes: 48, bytesRead: 56, bytesWritten: 64, comm: 72 } as const
const FILE_BYTES = 88
/** Of so many entries one has a path of its own: many processes use the same files. */
const FILES_PER_PATH = 8

/** What was counted, of one file or of many. */
type Counts = Pick<FileUsage, 'reads' | 'writes' | 'bytesRead' | 'bytesWritten'>

interface FileEntry extends Counts {
  readonly at: number
  readonly owner: UsageOwner
  readonly place: UsagePlace
}

/** Reads the tables. */
export function fileReader(): UsageReader {
  const overflow = new OverflowSteps()
  const paths = new FilePaths()
  return {
    read: (round) => {
      const bytes = round.reading.tables['files'] ?? Buffer.alloc(0)
      paths.next(round.reading.tables['paths'] ?? Buffer.alloc(0))
      const { records, filtered } = aggregates(bytes, paths, round)
      const [reads = 0, writes = 0, bytesRead = 0, bytesWritten = 0] = overflow.step(round.reading.overflow)
      const unplaced = sumRecord('overflow', { reads, writes, bytesRead, bytesWritten }, round.interval)
      return { records: reads + writes > 0 ? [...records, unplaced] : records, filtered }
    },
  }
}

/** The tracker. */
export const FILE_USAGE: UsageTracker = {
  name: 'file-usage',
  description: 'reads, writes and bytes counted by process and file',
  program: 'files',
  entries: (maxEntries) => ({ files: maxEntries, paths: Math.max(64, Math.ceil(maxEntries / FILES_PER_PATH)) }),
  overflowNames: ['reads', 'writes', 'bytesRead', 'bytesWritten', 'paths'],
  reader: fileReader,
}

function aggregates(bytes: Buffer, paths: FilePaths, { filter, facts, interval, top }: UsageRound): UsageResult {
  const entries: FileEntry[] = []
  for (let at = 0; at + FILE_BYTES <= bytes.length; at += FILE_BYTES) {
    const owner = ownerAt(bytes, at)
    entries.push({ at, owner, place: facts.placeOf(owner), ...countsAt(bytes, at) })
  }
  const wanted = entries.filter(({ owner, place }) => isPidWanted(filter, owner) && isPlaceWanted(filter, place))
  const { top: largest, others } = topOf(
    wanted,
    top,
    ({ bytesRead, bytesWritten, reads, writes }) => bytesRead + bytesWritten + reads + writes,
  )
  const records = largest.map(({ at, owner, place, reads, writes, bytesRead, bytesWritten }): UsageBody => {
    const inode = String(bytes.readBigUInt64LE(at + FILE.inode))
    const file = { ...paths.of(bytes, at), inode, device: bytes.readUInt32LE(at + FILE.device), reads, writes, bytesRead, bytesWritten }
    const process = facts.processOf(owner, commAt(bytes, at + FILE.comm), interval)
    return { ...emptyUsage('files', 'process', interval), ...place, process, calls: reads + writes, file }
  })
  if (others.length > 0) records.push({ ...sumRecord('rest', sumOf(others), interval), aggregates: others.length })
  return { records, filtered: entries.length - wanted.length }
}

function countsAt(bytes: Buffer, at: number): Counts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    reads: low52BitsAt(view, at + FILE.reads),
    writes: low52BitsAt(view, at + FILE.writes),
    bytesRead: low52BitsAt(view, at + FILE.bytesRead),
    bytesWritten: low52BitsAt(view, at + FILE.bytesWritten),
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

function sumRecord(scope: 'rest' | 'overflow', counts: Counts, interval: UsageInterval): UsageBody {
  const file = { path: null, isPathTruncated: false, inode: null, device: null, ...counts }
  return { ...emptyUsage('files', scope, interval), calls: counts.reads + counts.writes, file }
}
