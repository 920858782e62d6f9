// The regression tests of public Sigma rules. A rule names an info.yml (`regression_tests_path`), which lists recordings and how many of
// their events the rule must match. Recordings are read as JSON; for an .evtx file, the .json file of the same name next to it.
import { existsSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { UsageError } from '../../../../infra/process/errors.js'
import { readRuleFile } from '../../load/rule-files.js'
import { readYamlFile, type YamlNode } from '../../read/yaml-file.js'
import type { RuleFile } from '../../read/rule-file.js'
import type { RuleSet } from '../../rule-set/rule-set.js'
import { prepareRules, explained, verdictOf } from '../event-verdicts.js'
import { sourceOf } from '../given-events/given-event.js'
import { MAX_BYTES, readEvents } from '../given-events/read-events.js'
import { failed, passed, skipped, type CaseResult } from './rule-test.js'
import { ruleOf } from './run-cases.js'

const KEY = 'regression_tests_path'
const MAX_INFO_BYTES = 1024 * 1024

/** Runs the regression tests that rules of the files name. */
export function runRegressionTests({ rules }: Pick<RuleSet, 'rules'>, files: readonly RuleFile[]): CaseResult[] {
  return files.flatMap((file) => {
    if (!file.text.includes(KEY)) return []
    const yaml = readYamlFile(file.name, file.text)
    if ('problem' in yaml) return []
    return yaml.documents.flatMap((document) => {
      const path = scalar(document, KEY)
      const wanted = scalar(document, 'id') ?? scalar(document, 'title')
      return path === null || wanted === null ? [] : ofRule(rules, wanted, file.name, path)
    })
  })
}

function ofRule(rules: RuleSet['rules'], wanted: string, ruleFile: string, path: string): CaseResult[] {
  const rule = ruleOf(rules, wanted)
  const info = upwards(dirname(ruleFile), path)
  const head = { file: info ?? path, rule: rule?.name ?? wanted, name: KEY, expected: 'the tests exist' }
  if (rule === undefined) return [skipped(head, 'the rule is excluded')]
  if (info === null) return [failed(head, `${path} does not exist here or in a folder above`)]
  const tests = testsOf(info)
  if (typeof tests === 'string') return [failed(head, tests)]
  return tests.map((test) => runRecording(rule, info, test))
}

interface Recording {
  readonly name: string
  readonly type: string
  readonly path: string
  /** Number of matching events; null: at least one. */
  readonly count: number | null
}

/** The tests of an info.yml, or its mistake. */
function testsOf(info: string): Recording[] | string {
  const read = readRuleFile(info, MAX_INFO_BYTES)
  if ('problem' in read) return read.problem
  const yaml = readYamlFile(info, read.text)
  if ('problem' in yaml) return `line ${String(yaml.place.line)}: ${yaml.problem}`
  const tests = yaml.documents[0]?.entries.get('regression_tests_info')?.value
  if (tests?.kind !== 'sequence') return []
  return tests.items.map((test, index) => {
    const count = Number(scalar(test, 'match_count') ?? Number.NaN)
    return {
      name: scalar(test, 'name') ?? `test ${String(index + 1)}`,
      type: scalar(test, 'type') ?? 'unknown',
      path: scalar(test, 'path') ?? '',
      count: Number.isInteger(count) ? count : null,
    }
  })
}

function runRecording(rule: RuleSet['rules'][number], info: string, { name, type, path, count }: Recording): CaseResult {
  const expected = count === null ? 'the rule matches' : `the rule matches ${String(count)} of the events`
  const head = { file: info, rule: rule.name, name, expected }
  const file = recordingOf(info, path)
  if (file === null) return skipped(head, `${type} recordings are not supported, and there is no JSON file for ${path}`)
  try {
    const read = readRuleFile(file, MAX_BYTES)
    if ('problem' in read) return failed(head, `${file} ${read.problem}`)
    const events = readEvents(read.text.replace(/^\uFEFF/, ''), file)
    const prepared = prepareRules([rule])
    const matches = events.filter((event) => prepared.some((one) => verdictOf(event, one, sourceOf(event)) === true)).length
    if (count === null ? matches > 0 : matches === count) return passed(head)
    const [first] = events
    const why = matches > 0 || first === undefined ? null : explained(first, rule)
    return failed(head, `it matches ${String(matches)} of ${String(events.length)}`, { why })
  } catch (error) {
    if (error instanceof UsageError) return failed(head, error.message)
    throw error
  }
}

/** The recording if it is JSON, else the JSON file next to it. */
function recordingOf(info: string, path: string): string | null {
  const json = path.replace(/\.[A-Za-z0-9]{1,8}$/, '.json')
  return upwards(dirname(info), json)
}

/** Paths are relative to the root of the repository, which is a folder above. */
function upwards(from: string, path: string): string | null {
  if (path === '') return null
  if (isAbsolute(path)) return existsSync(path) ? path : null
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const candidate = join(folder, path)
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return null
  }
}

function scalar(node: YamlNode, key: string): string | null {
  const value = node.entries.get(key)?.value
  return value?.kind === 'scalar' && value.text !== '' ? value.text : null
}
