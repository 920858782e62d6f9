// Compiles the command line into one file, dist/bundle/eunomia.cjs, its threads into one each, and runs two commands, so that V8 stores what it
// compiles: start.ts reads that. Without a check of types. Plain JavaScript, because it runs before anything is compiled.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
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

// A folder of its own until all is there: a command that starts meanwhile has the former one.
const folder = mkdtempSync('dist/bundle-')
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
chmodSync(folder, 0o755)
writeCache([], ['rules', 'check', resolve('rules')])
writeCache(COLLECTOR_FLAGS, ['run', '--json', '--capture', resolve('test/fixtures/captures/demo.capture')])
const former = `${folder}.former`
if (existsSync('dist/bundle')) renameSync('dist/bundle', former)
renameSync(folder, 'dist/bundle')
rmSync(former, { recursive: true, force: true })

/** Runs a command from the bundle with these flags of V8, and adds to its code cache. Not with the settings of this user and host. */
function writeCache(flags, words) {
  const home = mkdtempSync(join(tmpdir(), 'eunomia-bundle-'))
  const config = join(home, 'empty.yaml')
  writeFileSync(config, '{}\n')
  const { status, stderr, error } = spawnSync(
    process.execPath,
    [...flags, resolve(folder, 'write-cache.js'), '--config', config, ...words],
    {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, EUNOMIA_STATE_FOLDER: join(home, 'state') },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    },
  )
  rmSync(home, { recursive: true, force: true })
  // The command line starts without it, only later.
  if (status !== 0)
    process.stderr.write(`no code cache of eunomia ${words.join(' ')}: status ${String(status)}: ${error?.message ?? stderr}\n`)
}
