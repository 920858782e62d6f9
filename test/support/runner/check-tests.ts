// Check of the tree: a unit test mirrors the path of its source, so that one finds the other. A suite about more than one file is listed here.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../infra/process/package-root.js'

/** Suites below test/unit about a folder, a page, a corpus or a property of many files. */
const NAMED_SUITES: ReadonlySet<string> = new Set([
  'assembly/correlations.test.ts',
  'assembly/plan-filters.test.ts',
  'assembly/watched-plan.test.ts',
  'cli/capture.test.ts',
  'collector/containers/several-runtimes.test.ts',
  'collector/encoder/hostile-texts.test.ts',
  'collector/pipeline/container-entry.test.ts',
  'collector/pipeline/exec-surroundings.test.ts',
  'collector/pipeline/file-events.test.ts',
  'collector/pipeline/kernel-calls.test.ts',
  'collector/pipeline/network-events.test.ts',
  'collector/pipeline/process-events.test.ts',
  'collector/pipeline/redacted-events.test.ts',
  'collector/recording/answer-frames.test.ts',
  'collector/recording/replay.test.ts',
  'collector/redaction/verdicts.test.ts',
  'collector/source/capture.test.ts',
  'infra/kafka/kafkajs-internals/internals.test.ts',
  'infra/kafka/publisher/publisher-bodies.test.ts',
  'infra/local/local.test.ts',
  'processors/delivery/sinks/message-sinks.test.ts',
  'processors/functions/detect/detection.test.ts',
  'processors/rule-engine/agreement.test.ts',
  'processors/rule-engine/bounds.test.ts',
  'processors/rule-engine/falco-corpus.test.ts',
  'processors/rule-engine/fuzz.test.ts',
  'processors/rule-engine/often-got-wrong.test.ts',
  'processors/rule-engine/sigma-agreement.test.ts',
  'processors/rule-engine/sigma-corpus.test.ts',
  'processors/rule-engine/sigma/log-source/auditd-corpus.test.ts',
  'processors/rule-engine/sigma/pipeline/documented-pipelines.test.ts',
  'processors/rule-engine/workbench/sample-vectors.test.ts',
  'rules/shipped-rules.test.ts',
  'schemas/golden.test.ts',
  'schemas/tree/schema-tree.test.ts',
  'test/support/generator/event-generator.test.ts',
])

const SOURCE_ENDINGS = ['.ts', '.js', '.sh', '']

/** One message for each unit test, by its path below test/unit, without a source and a place in `suites`, and for each suite that is gone. */
export function strayTests(tests: readonly string[], suites: ReadonlySet<string>, isSource: (path: string) => boolean): string[] {
  const hasSource = (test: string): boolean => SOURCE_ENDINGS.some((ending) => isSource(test.replace(/\.test\.ts$/, ending)))
  const strays = tests.filter((test) => !suites.has(test) && !hasSource(test))
  const gone = [...suites].filter((suite) => !tests.includes(suite))
  return [
    ...strays.map((test) => `test/unit/${test}: no source has this path; rename the test, or list it in NAMED_SUITES`),
    ...gone.map((suite) => `test/unit/${suite}: there is no such test; remove it from NAMED_SUITES`),
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = packageRoot()
  const tests = readdirSync(join(root, 'test/unit'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'))
  const strays = strayTests(tests.sort(), NAMED_SUITES, (path) => existsSync(join(root, path)))
  for (const stray of strays) console.error(stray)
  process.exitCode = strays.length === 0 ? 0 : 1
}
