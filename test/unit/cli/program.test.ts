// What commands load: the packages that a source reaches by imports that are not on demand, types left out.
import assert from 'node:assert/strict'
import { build, type Metafile } from 'esbuild'
import { packageRoot } from '../../../infra/process/package-root.js'

const HEAVY = /kafkajs|ioredis|bullmq|@aws-sdk|@duckdb|@grpc|zstd|snappy|lz4|nodemailer|undici|parquet/
const COMMANDS = [
  'cli/program.ts',
  'cli/collect/run-collect.ts',
  'cli/run/run-host.ts',
  'cli/hunt/hunt-command.ts',
  'cli/past/query-command.ts',
]

describe('the packages of a command', () => {
  let inputs: Metafile['inputs'] = {}
  before(async () => {
    const options = { bundle: true, write: false, metafile: true, outdir: 'unused', platform: 'node', packages: 'external' } as const
    const { metafile } = await build({ ...options, format: 'esm', absWorkingDir: packageRoot(), entryPoints: COMMANDS })
    inputs = metafile.inputs
  })

  function packagesOf(entry: string): string[] {
    const packages = new Set<string>()
    const files = new Set([entry])
    for (const file of files) {
      for (const { path, kind, external } of inputs[file]?.imports ?? []) {
        if (kind === 'dynamic-import') continue
        if (external !== true) files.add(path)
        else if (!path.startsWith('node:')) packages.add(path)
      }
    }
    return [...packages].sort()
  }

  for (const entry of COMMANDS) {
    it(`are none for Kafka, Redis, jobs, objects, SQL and gRPC before it is at work: ${entry}`, () => {
      const packages = packagesOf(entry)
      assert.ok(packages.includes('commander') || packages.includes('avsc'), packages.join())
      assert.deepEqual(
        packages.filter((name) => HEAVY.test(name)),
        [],
      )
    })
  }
})
