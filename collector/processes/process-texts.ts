// The texts of a process: arguments, executable, working directory, and the files of its streams. Created by an exec, shared by forked processes.
import type { KeptBytes } from '../ring-events/kept-bytes.js'
import { copyBytes, type PathSpan, placeBytes, reverseWalkedPath, walkedPathLength } from '../ring-events/record-texts.js'
import type { TaskFacts } from '../ring-events/task-facts.js'
import { type LocatedPath, type PathLocator, PLAIN, type PlaceFacts } from '../mounts/host-paths.js'
import { ENVIRONMENT_FAULT, ENVIRONMENT_READ, ENVIRONMENT_TRUNCATED, EXE_INTERPRETED, TEXT } from '../../native/generated/layout.js'
import type { Redactor } from '../redaction/redactor.js'
import { type ExecRecord } from '../ring-events/process-records.js'
import type { StandardStreams, StreamsReader } from './standard-streams.js'

/** Immutable; raw kernel bytes in one array: bytes[0, argsEnd), [argsEnd, exePathEnd), [exePathEnd, length). */
export interface ProcessTexts {
  /** Arguments, each NUL-terminated, the last one possibly cut; path of the executable; working directory. */
  readonly bytes: Uint8Array
  readonly argsEnd: number
  readonly exePathEnd: number
  /** Length of all arguments with their terminators before the cut. */
  readonly argsTotal: number
  readonly isArgsTruncated: boolean
  /** Secrets that were replaced in the arguments. */
  readonly argsRedacted: number
  /** False for kernel threads, and if unknown. */
  readonly hasExePath: boolean
  /** False if unknown. */
  readonly hasCwd: boolean
  /** Null if unknown. */
  readonly streams: StandardStreams | null
  /** Null when it was not read. */
  readonly environment: Environment | null
  /** Path of what it runs where that is not the executable: a script, or what it was copied from. Null for all others. */
  readonly program: Uint8Array | null
  /** Where executable and working directory lie; null for a file of the host under its own name, and when not known. */
  readonly exePlace: PlaceFacts | null
  readonly cwdPlace: PlaceFacts | null
}

/** The configured variables, each NUL-terminated. */
export interface Environment {
  readonly bytes: Uint8Array
  /** A variable was cut, or some are missing. */
  readonly isTruncated: boolean
  /** Secrets that were replaced in it. */
  readonly redacted: number
}

/** Joins the texts of a process in one array; null means unknown. */
export function textsOf(args: Uint8Array, argsTotal: number, exePath: Uint8Array | null, cwd: Uint8Array | null): ProcessTexts {
  const argsEnd = args.length
  const exePathEnd = argsEnd + (exePath?.length ?? 0)
  const bytes = new Uint8Array(exePathEnd + (cwd?.length ?? 0))
  bytes.set(args)
  bytes.set(exePath ?? [], argsEnd)
  bytes.set(cwd ?? [], exePathEnd)
  const isArgsTruncated = argsTotal > argsEnd
  return {
    bytes,
    argsEnd,
    exePathEnd,
    argsTotal,
    isArgsTruncated,
    argsRedacted: 0,
    hasExePath: exePath !== null,
    hasCwd: cwd !== null,
    streams: null,
    environment: null,
    program: null,
    exePlace: null,
    cwdPlace: null,
  }
}

/** The texts without their secrets. */
export function withoutSecrets(texts: ProcessTexts, redactor: Redactor | null): ProcessTexts {
  if (redactor === null) return texts
  const { bytes, argsEnd, exePathEnd, environment } = texts
  const args = redactor.arguments(bytes, 0, argsEnd)
  const variables = environment === null ? null : redactor.environment(environment.bytes)
  let clean = texts
  if (environment !== null && variables !== null && variables.count > 0) {
    clean = { ...clean, environment: { ...environment, bytes: variables.bytes, redacted: environment.redacted + variables.count } }
  }
  if (args.count === 0) return clean
  const longer = args.bytes.length - argsEnd
  const all = new Uint8Array(bytes.length + longer)
  all.set(args.bytes)
  all.set(bytes.subarray(argsEnd), args.bytes.length)
  return { ...clean, bytes: all, argsEnd: argsEnd + longer, exePathEnd: exePathEnd + longer, argsRedacted: texts.argsRedacted + args.count }
}

/** Texts of an unknown process. */
export const UNKNOWN_TEXTS: ProcessTexts = textsOf(new Uint8Array(0), 0, null, null)

/** What reads the texts of an exec. */
export interface TextsReading {
  readonly streams: StreamsReader
  readonly locator: PathLocator
  readonly redactor: Redactor | null
  readonly kept: KeptBytes
}

/** Copies the texts of an exec out of the ring, without their secrets. */
export function textsOfExec(
  source: Uint8Array,
  record: ExecRecord,
  facts: TaskFacts,
  { streams, locator, redactor, kept }: TextsReading,
): ProcessTexts {
  // The exec of a flood has no texts, and what it has no text of is unknown.
  const isBare = (record.textFlags & TEXT.shortened) !== 0 && record.exePath.start === record.exePath.pathEnd
  const hasExePath = facts.hasExecutable && !isBare
  const exeFile = { device: facts.exeDevice, inodeLow: facts.exeInodeLow, inodeHigh: facts.exeInodeHigh }
  const { argsStart, argsTotal, textFlags } = record
  const exe = hasExePath ? locator.file(source, record.exePath, exeFile) : PLAIN
  const cwd = locator.file(source, record.cwd, null)
  const argsEnd = record.argsEnd - argsStart
  const exePathEnd = argsEnd + (hasExePath ? lengthOf(record.exePath, exe) : 0)
  const length = exePathEnd + lengthOf(record.cwd, cwd)
  const joined = kept.room(length)
  placeBytes(source, argsStart, record.argsEnd, joined, 0)
  if (hasExePath) copyPath(source, record.exePath, exe, joined, argsEnd)
  copyPath(source, record.cwd, cwd, joined, exePathEnd)
  const isArgsTruncated = argsTotal > argsEnd || (textFlags & TEXT.argsTruncated) !== 0
  const texts: ProcessTexts = {
    bytes: kept.of(joined, 0, length),
    argsEnd,
    exePathEnd,
    argsTotal,
    isArgsTruncated,
    argsRedacted: 0,
    hasExePath,
    hasCwd: !isBare,
    streams: isBare ? null : streams.read(source, record),
    environment: environmentOf(source, record),
    program: isBare || (facts.exeFlags & EXE_INTERPRETED) === 0 ? null : copyBytes(source, record.cwdEnd, record.filenameEnd),
    exePlace: exe.place,
    cwdPlace: cwd.place,
  }
  return withoutSecrets(texts, redactor)
}

function lengthOf({ start, pathEnd, isPathTruncated }: PathSpan, { hostPath }: LocatedPath): number {
  return hostPath?.length ?? walkedPathLength(pathEnd - start, isPathTruncated)
}

function copyPath(
  source: Uint8Array,
  { start, pathEnd, isPathTruncated }: PathSpan,
  { hostPath }: LocatedPath,
  target: Uint8Array,
  at: number,
): void {
  if (hostPath === null) reverseWalkedPath(source, start, pathEnd, isPathTruncated, target, at)
  else target.set(hostPath, at)
}

function environmentOf(source: Uint8Array, { streamsEnd, environmentEnd, environmentFlags }: ExecRecord): Environment | null {
  if ((environmentFlags & ENVIRONMENT_READ) === 0) return null
  const isTruncated = (environmentFlags & (ENVIRONMENT_TRUNCATED | ENVIRONMENT_FAULT)) !== 0
  return { bytes: copyBytes(source, streamsEnd, environmentEnd), isTruncated, redacted: 0 }
}

/** The first argument, at most `maxBytes` of it; empty when there is none. */
export function firstArgument(texts: ProcessTexts, maxBytes: number): Uint8Array {
  let end = 0
  while (end < texts.argsEnd && end < maxBytes && texts.bytes[end] !== 0) end++
  return copyBytes(texts.bytes, 0, end)
}

/** A copy of the arguments, at most `maxBytes`. */
export function argumentsUpTo(texts: ProcessTexts, maxBytes: number): Uint8Array {
  return copyBytes(texts.bytes, 0, Math.min(texts.argsEnd, maxBytes))
}

/** A copy of the path of the executable; null when there is none. */
export function exePathOf(texts: ProcessTexts): Uint8Array | null {
  return texts.hasExePath ? copyBytes(texts.bytes, texts.argsEnd, texts.exePathEnd) : null
}
