// Compiles the command line into one file, dist/bundle/eunomia.cjs, its threads into one each, and runs two commands, so that V8 stores what it
// compiles: start.ts reads that. In 1 s, without a check of types. Plain JavaScript, because it runs before anything is compiled.
import { spawnSync } from 'node:child_process'
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Packages that few commands load, and those with binaries. */
const OUTSIDE = [
  '@aws-sdk/client-s3',
  '@bokuweb/zstd-wasm',
  '@duckdb/node-api',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  '@mongodb-js/zstd',
  '@node-rs/crc32',
  'bullmq',
  'ioredis',
  'kafkajs',
  'lz4-napi',
  'nodemailer',
  'snappy',
  'undici',
]
/** Of V8, as the launcher passes them to a collector. */
const COLLECTOR_FLAGS = /wanted=\(([^)]+)\)/.exec(readFileSync('eunomia', 'utf8'))[1].split(' ')
const TIMEOUT_MS = 60_000

// A folder of its own until all is there. V8 does not see that a cache is of another bundle of the same length, so none is kept.
const folder = 'dist/bundle.new'
rmSync(folder, { recursive: true, force: true })
const common = { outdir: folder, bundle: true, platform: 'node', target: 'node20', logLevel: 'warning', external: OUTSIDE }
await Promise.all([
  build({
    ...common,
    entryPoints: { eunomia: 'cli/main.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    // import() has no loader in a script from a cache; the packages outside have CommonJS modules.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href" },
  }),
  build({
    ...common,
    entryPoints: [
      'processors/rule-engine/load/trial-worker.ts',
      'assembly/hunt-thread.ts',
      'infra/setup/bundle/start.ts',
      'infra/setup/bundle/write-cache.ts',
    ],
    entryNames: '[name]',
    format: 'esm',
    external: [...OUTSIDE, './start.js'],
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url)" },
  }),
])
writeCache([], ['rules', 'check', 'rules'])
writeCache(COLLECTOR_FLAGS, ['run', '--json', '--capture', 'test/fixtures/captures/demo.capture'])
rmSync('dist/bundle', { recursive: true, force: true })
renameSync(folder, 'dist/bundle')

/** Runs a command from the bundle with these flags of V8, and adds to its code cache. */
function writeCache(flags, words) {
  const { status, stderr, error } = spawnSync(process.execPath, [...flags, join(folder, 'write-cache.js'), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  if (status !== 0) throw new Error(`eunomia ${words.join(' ')} ended with status ${String(status)}: ${error?.message ?? stderr}`)
}
