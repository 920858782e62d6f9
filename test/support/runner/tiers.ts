// The tiers of tests in the order in which they run, and the files of each.
// Files are found by their sources, so that what was once compiled from a file that is gone does not run.
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../infra/process/package-root.js'

/** One tier. */
export interface Tier {
  readonly name: string
  /** Longest time of one test or hook unless it says otherwise, milliseconds. */
  readonly testTimeoutMs: number
  /** Longest time of the whole tier: behind it the tier is ended and counts as failed, milliseconds. */
  readonly tierTimeoutMs: number
  /** A tier that must be there; without tests it fails. */
  readonly isRequired: boolean
}

export const TIERS: readonly Tier[] = [
  { name: 'unit', testTimeoutMs: 60_000, tierTimeoutMs: 600_000, isRequired: true },
  { name: 'integration', testTimeoutMs: 240_000, tierTimeoutMs: 900_000, isRequired: true },
  { name: 'e2e', testTimeoutMs: 240_000, tierTimeoutMs: 900_000, isRequired: true },
  { name: 'chaos', testTimeoutMs: 300_000, tierTimeoutMs: 900_000, isRequired: true },
  { name: 'browser', testTimeoutMs: 60_000, tierTimeoutMs: 180_000, isRequired: false },
]

/** Compiled test files of a tier, sorted; of those whose path contains one of `filters`, when there are any. */
export function filesOfTier(name: string, filters: readonly string[] = []): string[] {
  const sources = join(packageRoot(), 'test', name)
  if (!existsSync(sources)) return []
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', name, file))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort()
    .map((file) => join(compiledRoot(), file.replace(/\.ts$/, '.js')))
}

/** The folder that this file was compiled into, relative to nothing: dist, or another --outDir. */
export function compiledRoot(): string {
  return dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
}
