// The zip of a case: the same files give the same bytes. Reading is strict: every byte belongs to one file, names are plain, and nothing unpacks to more
// than it says, so what one program unpacks is what every other one does.
// @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
import { zipSync } from 'fflate'
import { crc32, inflateRawSync } from 'node:zlib'
import { EunomiaError, messageOf } from '../../../infra/process/errors.js'
import { printable } from '../../../infra/text/printable.js'

/** Bounds of what is read. */
const MAX_FILES = 1_000
const MAX_UNPACKED = 2 ** 30
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,3}$/
const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50]
const [LOCAL_BYTES, CENTRAL_BYTES, END_BYTES] = [30, 46, 22]
const [STORED, DEFLATED] = [0, 8]
/** MS-DOS, version 2.0 of the format. */
const MADE_BY = 20

/** A file that is no case, or one that is not as it was written. */
export class EvidenceInvalidError extends EunomiaError {
  static override readonly code = 'EUNOMIA_EVIDENCE_INVALID'
}

/** Files by name, in order. */
export type CaseFiles = ReadonlyMap<string, Uint8Array>

function isName(name: string): boolean {
  return NAME.test(name) && !name.includes('..')
}

/** The zip. Times in it are all the first that the format has. */
export function packCase(files: CaseFiles): Uint8Array {
  for (const name of files.keys()) if (!isName(name)) throw new RangeError(`no name for a file of a case: ${name}`)
  return zipSync(Object.fromEntries(files), { mtime: new Date(1980, 0, 1), level: 6 })
}

/** The files. @throws EvidenceInvalidError for anything that `packCase` does not write */
export function unpackCase(zip: Buffer): CaseFiles {
  const files = new Map<string, Uint8Array>()
  const heads: Buffer[] = []
  const starts: number[] = []
  let at = 0
  let unpacked = 0
  while (at + LOCAL_BYTES <= zip.length && zip.readUInt32LE(at) === LOCAL) {
    const head = zip.subarray(at, at + LOCAL_BYTES)
    const [flags, method] = [head.readUInt16LE(6), head.readUInt16LE(8)]
    const [packedBytes, bytes, nameBytes, extraBytes] = [
      head.readUInt32LE(18),
      head.readUInt32LE(22),
      head.readUInt16LE(26),
      head.readUInt16LE(28),
    ]
    const dataAt = at + LOCAL_BYTES + nameBytes
    const name = zip.toString('latin1', at + LOCAL_BYTES, dataAt)
    if (!isName(name)) throw refused(`the name ${printable(JSON.stringify(name.slice(0, 100)))}`)
    if (files.has(name)) throw refused(`two files named ${name}`)
    if (flags !== 0 || extraBytes !== 0 || (method !== STORED && method !== DEFLATED)) throw refused(`${name} is packed in another way`)
    unpacked += bytes
    if (files.size >= MAX_FILES || unpacked > MAX_UNPACKED) throw refused('it unpacks to too much')
    if (dataAt + packedBytes > zip.length) throw refused(`${name} is cut`)
    const content = contentOf(name, method, zip.subarray(dataAt, dataAt + packedBytes), bytes)
    if (crc32(content) !== head.readUInt32LE(14)) throw refused(`the check sum of ${name} is wrong`)
    files.set(name, content)
    heads.push(zip.subarray(at, dataAt))
    starts.push(at)
    at = dataAt + packedBytes
  }
  checkDirectory(zip, at, heads, starts)
  return files
}

function contentOf(name: string, method: number, packed: Buffer, bytes: number): Uint8Array {
  if (method === STORED) {
    if (packed.length !== bytes) throw refused(`${name} has two lengths`)
    return packed
  }
  try {
    const { buffer: content, engine } = inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes), info: true }) as unknown as {
      buffer: Buffer
      engine: { bytesWritten: number }
    }
    if (content.length !== bytes) throw new RangeError('it unpacks to another length than it says')
    if (engine.bytesWritten !== packed.length) throw new RangeError('bytes follow its content')
    return content
  } catch (error) {
    throw refused(`${name} can't be unpacked: ${messageOf(error)}`)
  }
}

/** The directory repeats what the files say of themselves, in the same order, and ends the zip. */
function checkDirectory(zip: Buffer, start: number, heads: readonly Buffer[], starts: readonly number[]): void {
  let at = start
  for (const [index, head] of heads.entries()) {
    const nameBytes = head.length - LOCAL_BYTES
    const isWhole = at + CENTRAL_BYTES + nameBytes <= zip.length && zip.readUInt32LE(at) === CENTRAL
    const entry = isWhole ? zip.subarray(at, at + CENTRAL_BYTES + nameBytes) : null
    // Version, flags, method, time, check sum and lengths; then the name; no extra field, comment or other disk.
    const isSame =
      entry !== null &&
      entry.subarray(6, 30).equals(head.subarray(4, 28)) &&
      entry.subarray(CENTRAL_BYTES).equals(head.subarray(LOCAL_BYTES)) &&
      entry.readUInt16LE(4) === MADE_BY &&
      entry.readUInt16LE(30) === 0 &&
      entry.readUInt32LE(32) === 0 &&
      // No attributes: no links, no rights.
      entry.readUInt16LE(36) === 0 &&
      entry.readUInt32LE(38) === 0 &&
      entry.readUInt32LE(42) === starts[index]
    if (!isSame) throw refused('its directory does not name the files that it holds')
    at += CENTRAL_BYTES + nameBytes
  }
  const end = zip.subarray(at)
  const isEnd =
    heads.length > 0 &&
    end.length === END_BYTES &&
    end.readUInt32LE(0) === END &&
    end.readUInt32LE(4) === 0 &&
    end.readUInt16LE(8) === heads.length &&
    end.readUInt16LE(10) === heads.length &&
    end.readUInt32LE(12) === at - start &&
    end.readUInt32LE(16) === start &&
    end.readUInt16LE(20) === 0
  if (!isEnd) throw refused('it does not end as a zip of files without anything else in it')
}

function refused(what: string): EvidenceInvalidError {
  return new EvidenceInvalidError(`this is no evidence that Eunomia wrote: ${what}`)
}
