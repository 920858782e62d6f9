// Files with tests of rules, beside the rules: NAME.test.yaml.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { messageOf, UsageError } from '../../../../infra/process/errors.js'
import { SuiteReader } from './read-suites.js'
import type { RuleSuite, Scenario } from './test-suite.js'
import { TestPlace } from './test-values.js'

export type { RuleCase, RuleSuite } from './test-suite.js'

const TEST_FILE = /\.test\.ya?ml$/
/** Largest test file. */
const MAX_BYTES = 16 * 1024 * 1024
const MAX_DEPTH = 32

/** What stands in a test file. */
export interface RuleTests {
  readonly suites: readonly RuleSuite[]
  readonly scenarios: readonly Scenario[]
}

/** Test files below the paths, by name, bytewise. Of a rule file its own tests, where they are. */
export function findTestFiles(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => (statSync(path).isDirectory() ? walk(path, 0) : testsOf(path))))]
}

function testsOf(path: string): string[] {
  if (TEST_FILE.test(path)) return [path]
  const stem = path.replace(/\.ya?ml$/, '')
  return [`${stem}.test.yaml`, `${stem}.test.yml`].filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
}

function walk(folder: string, depth: number): string[] {
  if (depth > MAX_DEPTH) return []
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) return []
    if (entry.isDirectory()) return walk(path, depth + 1)
    return TEST_FILE.test(entry.name) ? [path] : []
  })
}

/** @throws UsageError that names the file, the place in it, and what was expected */
export function readTests(file: string): RuleTests {
  const place = new TestPlace(file)
  const suites: RuleSuite[] = []
  const scenarios: Scenario[] = []
  const reader = new SuiteReader()
  const content = contentOf(file) ?? []
  if (!Array.isArray(content)) place.fail('expected a list of {rule, base, fires, silent} and {scenario, events, alerts}')
  for (const [index, item] of (content as unknown[]).entries()) {
    const at = place.at(`item ${String(index + 1)}`)
    const map = at.map(item)
    if ('scenario' in map) scenarios.push(reader.scenario(map, at))
    else if ('rule' in map) suites.push(reader.suite(map, at))
    else at.fail("expected 'rule' or 'scenario'")
  }
  return { suites, scenarios }
}

/** The cases of single rules in a test file. @throws UsageError */
export function readTestFile(file: string): readonly RuleSuite[] {
  return readTests(file).suites
}

function contentOf(file: string): unknown {
  try {
    if (statSync(file).size > MAX_BYTES) throw new UsageError(`${file}: larger than ${String(MAX_BYTES)} bytes`)
    return parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 }) as unknown
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${file}: ${messageOf(error).split('\n')[0] ?? ''}`)
  }
}
