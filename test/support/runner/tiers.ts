// The tiers of tests, and the files of each.
// Files are found by their sources, so that compiled files without a source do not run.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../../infra/local/artifacts.js'
import { packageRoot } from '../../../infra/process/package-root.js'

/** One tier. */
export interface Tier {
  readonly name: string
  /** Folder of its files, below test/; default its name. */
  readonly folder?: string
  /** Folders and files, without `.test.ts`, of its folder that it runs; default all. */
  readonly parts?: readonly string[]
  /** The node that runs it; default the one that runs the tests. */
  readonly node?: string
  /** Longest time of one test or hook unless it says otherwise, milliseconds: far more than it takes, because waits have their own limits. */
  readonly testTimeoutMs: number
  /** Longest time of the whole tier, milliseconds: after it the tier is stopped and has failed. */
  readonly tierTimeoutMs: number
  /** A tier that must have tests; without tests it fails. */
  readonly isRequired: boolean
}

/** infra/setup/steps/node-24.sh. */
const NODE_24 = join(cacheFolder(), 'node-24/bin/node')

/**
 * What Node 24 may do otherwise than the Node of this machine: addons, buffers and codecs under another V8, regular expressions, worker threads and
 * their heaps, serialization, compression, hashes, sockets, HTTP, TLS, files and their watchers, timers, signals, and flags of the launcher. What is
 * computed with plain values (rules, plans, texts, screens) gives the same on both, and runs once.
 */
const DEPENDS_ON_NODE = [
  ...['eunomia', 'cli/lifecycle', 'assembly/host', 'assembly/functions'],
  ...['native', 'schemas'],
  ...['ring-events', 'encoder', 'source', 'recording', 'checkpoint', 'spool', 'executables', 'control', 'processes', 'users'].map(
    (name) => `collector/${name}`,
  ),
  ...['containers/runtimes', 'containers/cgroups', 'redaction/redactor', 'pipeline/record-pipeline'].map((name) => `collector/${name}`),
  ...['compression', 'transport', 'unpacked-size', 'kafkajs-internals', 'publisher'].map((name) => `infra/kafka/${name}`),
  ...['read-batches', 'record-set', 'record-walk', 'fetched-records'].map((name) => `infra/kafka/fetch/${name}`),
  ...['local', 'process', 'redis', 'topic-log', 'waiting'].map((name) => `infra/${name}`),
  ...['credentials', 'http', 'queue', 'sinks'].map((name) => `processors/delivery/${name}`),
  ...['text', 'load/trial-load', 'compiled/compiled-evaluator', 'compiled/byte-text', 'compiled/byte-value'].map(
    (name) => `processors/rule-engine/${name}`,
  ),
  ...['test/support/runner/run-tier', 'test/support/wait-for'],
]

export const TIERS: readonly Tier[] = [
  { name: 'unit', testTimeoutMs: 60_000, tierTimeoutMs: 900_000, isRequired: true },
  {
    name: 'unit-node-24',
    folder: 'unit',
    parts: DEPENDS_ON_NODE,
    node: NODE_24,
    testTimeoutMs: 60_000,
    tierTimeoutMs: 900_000,
    isRequired: true,
  },
  { name: 'integration', testTimeoutMs: 240_000, tierTimeoutMs: 3_600_000, isRequired: true },
  { name: 'e2e', testTimeoutMs: 240_000, tierTimeoutMs: 3_600_000, isRequired: true },
  { name: 'chaos', testTimeoutMs: 300_000, tierTimeoutMs: 3_600_000, isRequired: true },
  { name: 'endurance', testTimeoutMs: 300_000, tierTimeoutMs: 900_000, isRequired: true },
  { name: 'browser', testTimeoutMs: 60_000, tierTimeoutMs: 180_000, isRequired: false },
]

/** Which of a tier's files run: those below one of `folders` (all without any) whose path contains one of `words` (all without any). */
export interface Selection {
  readonly folders?: readonly string[]
  readonly words?: readonly string[]
}

/** Compiled test files of a tier, sorted. */
export function filesOfTier(name: string, { folders = [], words = [] }: Selection = {}): string[] {
  const { folder = name, parts } = TIERS.find((tier) => tier.name === name) ?? {}
  const sources = join(packageRoot(), 'test', folder)
  if (!existsSync(sources)) return []
  return readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => parts?.some((part) => file === `${part}.test.ts` || file.startsWith(`${part}/`)) !== false)
    .filter((file) => folders.length === 0 || folders.some((one) => file.startsWith(`${one}/`)))
    .map((file) => join('test', folder, file))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort()
    .map((file) => join(compiledRoot(), file.replace(/\.ts$/, '.js')))
}

/** The folder that this file was compiled into: dist, or another --outDir. */
export function compiledRoot(): string {
  return dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
}

/** The program of the command line: its bundle, as the launcher `eunomia` starts it, unless the modules were compiled later. */
export function mainFile(): string {
  const bundle = join(compiledRoot(), 'bundle/start.js')
  const builtMs = (name: string): number => statSync(join(compiledRoot(), name), { throwIfNoEntry: false })?.mtimeMs ?? 0
  return builtMs('bundle/eunomia.cjs') > builtMs('.tsbuildinfo') ? bundle : join(compiledRoot(), 'cli/main.js')
}
