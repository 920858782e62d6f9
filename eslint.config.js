// Lint: typed rules, file and function sizes, the directions of imports (docs/architecture.md) and the one owner of each package.
import js from '@eslint/js'
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript'
import importX from 'eslint-plugin-import-x'
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

// Each package of the left is imported only by the files on the right. Everybody else meets it through the port that the owner exports.
const PACKAGE_OWNERS = {
  kafkajs: ['infra/kafka/**'],
  ioredis: ['infra/redis/redis.ts'],
  avsc: ['schemas/**'],
  'prom-client': ['infra/process/metrics.ts'],
  commander: ['cli/**'],
  '@bomb.sh/tab': ['cli/**'],
  pino: ['infra/process/log.ts'],
  'pino-pretty': ['infra/process/log.ts'],
  '@mongodb-js/zstd': ['infra/kafka/**'],
  'lz4-napi': ['infra/kafka/**'],
  snappy: ['infra/kafka/**'],
  '@node-rs/crc32': ['infra/topic-log/body-appender.ts'],
  typebox: ['infra/config/**'],
  'fastest-levenshtein': ['infra/text/nearest.ts'],
  '@grpc/grpc-js': ['collector/containers/transport/runtime-grpc.ts'],
  '@grpc/proto-loader': ['collector/containers/transport/runtime-grpc.ts'],
  picocolors: ['cli/**'],
  diff: ['cli/**'],
  ajv: ['test/support/json-schema/**'],
  bullmq: ['processors/delivery/queue/**', 'processors/forensics/jobs/**'],
  undici: ['processors/delivery/http/**'],
  nodemailer: ['processors/delivery/sinks/email.ts'],
  '@aws-sdk/client-s3': ['processors/delivery/sinks/bucket.ts', 'processors/delivery/http/s3-client.ts', 'processors/forensics/objects/**'],
  '@duckdb/node-api': ['processors/forensics/sql/**'],
  hyparquet: ['processors/forensics/parquet/**'],
  'hyparquet-writer': ['processors/forensics/parquet/**'],
  '@bokuweb/zstd-wasm': ['processors/forensics/parquet/**'],
  '@elastic/ecs': ['schemas/ecs/generate-fields.ts', 'test/**'],
  standardwebhooks: ['test/**'],
}

// Folder -> the folders of ours that it may import besides itself. cli and test may import anything.
const IMPORT_DIRECTIONS = {
  infra: [],
  schemas: ['infra'],
  native: ['infra'],
  collector: ['native', 'schemas', 'infra'],
  processors: ['schemas', 'infra'],
  assembly: ['collector', 'processors', 'native', 'schemas', 'infra'],
}
const FOLDERS = ['infra', 'schemas', 'native', 'collector', 'processors', 'assembly', 'cli', 'test']

const zones = Object.entries(IMPORT_DIRECTIONS).map(([folder, allowed]) => ({
  target: `./${folder}`,
  from: FOLDERS.filter((other) => other !== folder && !allowed.includes(other) && !(folder === 'processors' && other === 'native')).map(
    (other) => `./${other}`,
  ),
  message: `${folder}/ imports only ${[folder, ...allowed].join(', ')}: collector and processors meet in infra/topic-log/topic-log.ts.`,
}))
// The engine of regular expressions is an addon of its own, without libbpf, and the one thing of native/ that functions need (docs/adr/0023).
zones.push({ target: './processors', from: './native', except: ['./regex.ts'], message: 'processors/ imports only regex.ts of native/.' })
zones.push({
  target: './processors/rule-engine',
  from: ['runtime', 'functions', 'membership', 'delivery', 'forensics', 'function.ts'].map((name) => `./processors/${name}`),
  message: 'processors/rule-engine/ imports no other part of processors/.',
})

/** For every set of owned packages that a group of files may use, one config block that forbids the others. */
function ownerBlocks() {
  const packages = Object.keys(PACKAGE_OWNERS)
  const forbid = (names) => [
    'error',
    { paths: names.map((name) => ({ name, message: `Only ${PACKAGE_OWNERS[name].join(', ')} imports ${name}.` })) },
  ]
  // Tests may import any package, also those of one owner.
  const owners = [...new Set(Object.values(PACKAGE_OWNERS).flat())].filter((owner) => owner !== 'test/**')
  return [
    { files: ['**/*.ts'], ignores: ['test/**'], rules: { '@typescript-eslint/no-restricted-imports': forbid(packages) } },
    ...owners.map((owner) => ({
      files: [owner],
      rules: { '@typescript-eslint/no-restricted-imports': forbid(packages.filter((name) => !PACKAGE_OWNERS[name].includes(owner))) },
    })),
  ]
}

export default defineConfig(
  { ignores: ['dist*/**', 'node_modules/**', '**/build/**', 'schemas/generated/**', 'native/generated/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.json' })] },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-duplicates': ['error', { 'prefer-inline': true }],
      'import-x/no-restricted-paths': ['error', { zones }],
      'max-lines': ['error', 400],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      eqeqeq: 'error',
    },
  },
  ...ownerBlocks(),
  { files: ['cli/**/*.ts', 'processors/rule-engine/workbench/**/*.ts', 'test/**/*.ts'], rules: { 'no-control-regex': 'off' } },
  {
    files: ['infra/**/*.ts', 'schemas/**/*.ts', 'native/**/*.ts', 'collector/**/*.ts', 'processors/**/*.ts', 'assembly/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines': ['error', 600], 'max-lines-per-function': 'off', '@typescript-eslint/no-unused-expressions': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', Buffer: 'readonly' } },
  },
)
