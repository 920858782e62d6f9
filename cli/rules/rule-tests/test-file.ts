// Files with tests of rules, beside the rules. Read strictly: a misspelt field in a test would make it pass for the wrong reason.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { messageOf, UsageError } from '../../../infra/errors.js'
import { nearestName } from '../../../infra/nearest.js'
import type { FieldMap } from '../../../processors/rule-engine/evaluate/field-map.js'
import { resolveField } from '../../../processors/rule-engine/fields/catalogue.js'

/** One event and whether the rule must fire for it. */
export interface RuleCase {
  readonly name: string
  readonly mustFire: boolean
  readonly fields: FieldMap
}

/** The cases of one rule. */
export interface RuleSuite {
  readonly file: string
  readonly rule: string
  readonly cases: readonly RuleCase[]
}

const SUITE_KEYS = ['rule', 'base', 'fires', 'silent']
const CASE_KEYS = ['name', 'with']
const TEST_FILE = /\.test\.ya?ml$/

/** Test files below the paths, by name, bytewise. */
export function findTestFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => (statSync(path).isDirectory() ? walk(path) : TEST_FILE.test(path) ? [path] : []))
}

function walk(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return walk(path)
    return TEST_FILE.test(entry.name) ? [path] : []
  })
}

/** @throws UsageError that names the file, the place in it, and what was expected */
export function readTestFile(file: string): RuleSuite[] {
  let content: unknown
  try {
    content = parse(readFileSync(file, 'utf8'), { maxAliasCount: 100 })
  } catch (error) {
    throw new UsageError(`${file}: ${messageOf(error)}`)
  }
  if (!Array.isArray(content)) throw new UsageError(`${file}: expected a list of {rule, base, fires, silent}`)
  return content.map((suite: unknown, index) => readSuite(file, `item ${String(index + 1)}`, suite))
}

function readSuite(file: string, where: string, given: unknown): RuleSuite {
  const suite = asMap(file, where, given)
  checkKeys(file, where, suite, SUITE_KEYS)
  const rule = suite['rule']
  if (typeof rule !== 'string') throw new UsageError(`${file}: ${where}: 'rule' must be the name of a rule`)
  const base = readFields(file, `${rule}: base`, suite['base'] ?? {})
  const cases = (key: 'fires' | 'silent'): RuleCase[] => {
    const list = suite[key] ?? []
    if (!Array.isArray(list)) throw new UsageError(`${file}: ${rule}: '${key}' must be a list of {name, with}`)
    return list.map((one: unknown, index) => readCase(file, `${rule}: ${key} ${String(index + 1)}`, one, key === 'fires', base))
  }
  return { file, rule, cases: [...cases('fires'), ...cases('silent')] }
}

function readCase(file: string, where: string, given: unknown, mustFire: boolean, base: FieldMap): RuleCase {
  const one = asMap(file, where, given)
  checkKeys(file, where, one, CASE_KEYS)
  const name = one['name']
  if (typeof name !== 'string') throw new UsageError(`${file}: ${where}: 'name' must say what happens`)
  return { name, mustFire, fields: { ...base, ...readFields(file, where, one['with'] ?? {}) } }
}

function readFields(file: string, where: string, given: unknown): FieldMap {
  const fields = asMap(file, where, given)
  for (const key of Object.keys(fields)) {
    const bracket = /^([^[]+)\[(.*)\]$/.exec(key)
    const resolved = resolveField(bracket?.[1] ?? key, bracket?.[2] ?? null)
    if ('problem' in resolved) throw new UsageError(`${file}: ${where}: ${resolved.problem}`)
  }
  return fields
}

function asMap(file: string, where: string, given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new UsageError(`${file}: ${where}: expected a mapping`)
  return given as Readonly<Record<string, unknown>>
}

function checkKeys(file: string, where: string, map: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  for (const key of Object.keys(map)) {
    if (known.includes(key)) continue
    const near = nearestName(key, known)
    throw new UsageError(`${file}: ${where}: unknown key '${key}'${near === undefined ? '' : `; did you mean '${near}'?`}`)
  }
}
