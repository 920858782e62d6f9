// Rule files and folders from disk. A folder means every .yml and .yaml file below it, by name, bytewise: the order matters, and
// must not depend on the locale of the machine. Hidden names are left out: in a mounted ConfigMap the same files exist below `..data` again.
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../../infra/process/errors.js'
import type { LoadError } from '../read/diagnostics.js'
import type { LoadOptions } from '../rule-set/load-options.js'
import { loadRules, type LoadResult } from './load-rules.js'
import type { RuleFile } from '../read/rule-file.js'
import { MAX_FILE_BYTES } from '../read/yaml-file.js'
import { needTrial, tryFiles, type TrialBounds } from './trial-load.js'
/** Most files below the given paths, and most bytes of all of them. */
const MAX_FILES = 20_000
const MAX_TOTAL_BYTES = 256 * 1024 * 1024
const MAX_DEPTH = 32

/** Files that were read, and those that could not be. */
export interface RuleFiles {
  readonly files: readonly RuleFile[]
  readonly errors: readonly LoadError[]
  /** Of the given paths, the folders that hold no rule file. */
  readonly emptyFolders: readonly string[]
}

/** Reads files and folders, in the order of the paths. Tests next to rules (NAME.test.yaml) are left out of folders. */
export function readRuleFiles(paths: readonly string[]): RuleFiles {
  const errors: LoadError[] = []
  const files: RuleFile[] = []
  const emptyFolders: string[] = []
  let bytes = 0
  const fail = (name: string, message: string): void => {
    errors.push({ code: 'LOAD_ERR_FILE_READ', message, item: null, place: { file: name, line: 1, column: 1 } })
  }
  for (const path of paths) {
    try {
      const names = filesBelow(path)
      if (names.length === 0) emptyFolders.push(path)
      for (const name of names) {
        if (files.length >= MAX_FILES) return { files, emptyFolders, errors: [...errors, tooMany(name, `${String(MAX_FILES)} rule files`)] }
        const read = readRuleFile(name)
        if ('problem' in read) fail(name, read.problem)
        else {
          bytes += read.text.length
          if (bytes > MAX_TOTAL_BYTES)
            return { files, emptyFolders, errors: [...errors, tooMany(name, `${String(MAX_TOTAL_BYTES)} bytes of rules`)] }
          files.push(read)
        }
      }
    } catch (error) {
      fail(path, unreadable(error))
    }
  }
  return { files, errors, emptyFolders }
}

/**
 * A file that was removed meanwhile or can't be read does not affect the others. Only a regular file is read: a named pipe would never end. It is
 * opened without waiting, and checked after that: its name may lead elsewhere a moment later.
 */
export function readRuleFile(name: string, maxBytes = MAX_FILE_BYTES): RuleFile | { readonly problem: string } {
  let descriptor: number | null = null
  try {
    if (!statSync(name).isFile()) return { problem: 'is no regular file' }
    descriptor = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = fstatSync(descriptor)
    if (!stats.isFile()) return { problem: 'is no regular file' }
    const text = stats.size > maxBytes ? null : readText(descriptor, stats.size, maxBytes)
    return text === null ? { problem: `file is larger than ${String(maxBytes)} bytes` } : { name, text }
  } catch (error) {
    return { problem: unreadable(error) }
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}

/** The whole file; null above the bound, whatever its size was said to be: files in proc are regular, have the size 0, and may never end. */
function readText(descriptor: number, size: number, maxBytes: number): string | null {
  let bytes = Buffer.allocUnsafe(size + 1)
  let length = 0
  while (length <= maxBytes) {
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, maxBytes + 1))
    const read = readSync(descriptor, bytes, length, bytes.length - length, null)
    if (read === 0) return bytes.toString('utf8', 0, length)
    length += read
  }
  return null
}

/** Reads and loads rules that are known to be harmless. Files that can't be read are errors like all others. */
export function loadRuleFiles(paths: readonly string[], options: LoadOptions = {}): LoadResult {
  const { files, errors } = readRuleFiles(paths)
  return loadRules(files, options, errors)
}

/**
 * Reads and loads rules that may come from strangers: a file that would hold up or end the process is an error like all others.
 * @throws Error for field mappings, or for rules together, that would do so
 */
export async function loadUntrustedFiles(paths: readonly string[], options: LoadOptions = {}): Promise<LoadResult> {
  const read = readRuleFiles(paths)
  const { files, errors } = needTrial([...read.files, ...(options.pipelines ?? [])]) ? await withoutHostile(read, options) : read
  return loadRules(files, options, errors)
}

/** Leaves out the files that would hold up or end the process. @throws Error like {@link loadUntrustedFiles} */
export async function withoutHostile<Read extends Pick<RuleFiles, 'files' | 'errors'>>(
  read: Read,
  { pipelines = [], placeholders = {} }: Pick<LoadOptions, 'pipelines' | 'placeholders'>,
  bounds?: TrialBounds,
): Promise<Read> {
  const { files, errors } = await tryFiles(read.files, pipelines, placeholders, bounds)
  return { ...read, files, errors: [...read.errors, ...errors] }
}

/** The path itself for a file; the rule files below it for a folder. */
function filesBelow(path: string): string[] {
  return statSync(path).isDirectory() ? walk(path, 0) : [path]
}

function walk(folder: string, depth: number): string[] {
  if (depth > MAX_DEPTH) return []
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) return []
    if (entry.isDirectory()) return walk(path, depth + 1)
    return /\.ya?ml$/.test(entry.name) && !/\.test\.ya?ml$/.test(entry.name) ? [path] : []
  })
}

function unreadable(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' ? 'no such rule file or folder' : `can't be read: ${messageOf(error)}`
}

function tooMany(name: string, what: string): LoadError {
  return {
    code: 'LOAD_ERR_FILE_READ',
    message: `more than ${what}: this file and those after it are left out`,
    item: null,
    place: { file: name, line: 1, column: 1 },
  }
}
