// `eunomia rules test`: runs the tests next to rules (events that must make a rule fire and events that must not, and scenarios), and the
// regression tests that Sigma rules name.
import { writeFileSync } from 'node:fs'
import type { Command } from 'commander'
import { EunomiaError, messageOf, UsageError } from '../../../infra/process/errors.js'
import { readRuleFiles } from '../../../processors/rule-engine/load/rule-files.js'
import { colorsFor, widthOf } from '../../terminal/terminal-text.js'
import { verdictJson } from '../../../processors/rule-engine/workbench/explain/condition-tree.js'
import { addRuleFlags, resolvedRules, loadFlawlessRules, rulePaths, type ResolvedRules, type RuleFlags } from '../rule-flags.js'
import { type CaseResult, type RuleCoverage, coverageOf, countsOf } from '../../../processors/rule-engine/workbench/rule-tests/rule-test.js'
import { runScenarios } from '../../../processors/rule-engine/workbench/rule-tests/run-scenarios.js'
import { runRegressionTests } from '../../../processors/rule-engine/workbench/rule-tests/sigma-regression.js'
import { coverageText, junitXml, reportText } from './test-report.js'
import { findTestFiles, readTests } from '../../../processors/rule-engine/workbench/rule-tests/read-tests.js'
import { runTests } from '../../../processors/rule-engine/workbench/rule-tests/run-cases.js'

const EXAMPLES = `
Examples:
  eunomia rules test                          the rules that ship with Eunomia
  eunomia rules test my-rules --coverage      NAME.test.yaml next to NAME.yaml; which rules lack tests
  eunomia rules test sigma/rules              includes the regression tests that Sigma rules name
  eunomia rules test my-rules --junit results.xml

A test file:
  - rule: Shell with a terminal in a container
    base: { evt.type: execve, evt.rawres: 0, container.id: 3f2a1b4c5d6e, proc.tty: 34816 }
    fires:
      - name: sh by docker exec -it
        with: { proc.name: sh, proc.pname: containerd-shim }
        contains: sh with a terminal
    silent:
      - name: a shell without a terminal
        with: { proc.name: sh, proc.tty: 0 }
  - scenario: five failed logins in a minute
    base: { type: USER_LOGIN, res: failed }
    events: [{ with: { acct: root }, repeat: 5, every: 10s }]
    alerts: [Many failed logins]

See docs/rules.md for the full format. Exit status: 0 all passed, 1 a test failed, 2 wrong usage, or bad rules or tests.`

/** Rule tests failed: a rule fired when it must not, or did not fire when it must. */
class RuleTestsFailedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RULE_TESTS_FAILED'
}

interface TestOptions extends RuleFlags {
  readonly json: boolean
  readonly all: boolean
  readonly coverage: boolean
  readonly junit?: string
  readonly only?: string
}

/** Adds `rules test` to the rules commands. */
export function registerTestCommand(rules: Command): void {
  addRuleFlags(rules.command('test'))
    .description('run the tests next to rules (NAME.test.yaml); exit status 1 if a test fails')
    .argument(
      '[paths...]',
      'folders and files with rules and tests (default: rules.folders of the settings, else the rules that ship with Eunomia)',
    )
    .option('--only <text>', 'only tests whose rule or name contains this text')
    .option('--coverage', 'show rules without a test that must fire, or without one that must not', false)
    .option('--junit <file>', 'also write the results as JUnit XML')
    .option('--all', 'show passed tests, too', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: TestOptions, command: Command) => {
      const { results, coverage } = await runAll(paths, options, resolvedRules(command, options))
      if (options.junit !== undefined) writeJunit(options.junit, results)
      process.stdout.write(
        options.json ? `${JSON.stringify(resultsJson(results, options.coverage ? coverage : null))}\n` : textOf(results, coverage, options),
      )
      const { failed } = countsOf(results)
      if (failed > 0) throw new RuleTestsFailedError(`${String(failed)} of ${String(results.length)} rule tests failed`)
    })
}

async function runAll(
  given: readonly string[],
  options: TestOptions,
  source: ResolvedRules,
): Promise<{ results: CaseResult[]; coverage: RuleCoverage[] }> {
  const paths = rulePaths(given, source.folders)
  const ruleFiles = paths.filter((path) => !/\.test\.ya?ml$/.test(path))
  if (ruleFiles.length === 0) throw new UsageError('no rules: give the rules, not only their tests')
  const { ruleSet } = await loadFlawlessRules(ruleFiles, source)
  const files = findTestFiles(paths).map(readTests)
  const tests = { suites: files.flatMap(({ suites }) => suites), scenarios: files.flatMap(({ scenarios }) => scenarios) }
  const regression = runRegressionTests(ruleSet, readRuleFiles(ruleFiles).files)
  const all = [...runTests(ruleSet, tests.suites), ...runScenarios(ruleSet, tests.scenarios), ...regression]
  if (all.length === 0)
    throw new UsageError(`${given.join(', ') || 'rules'}: no rule tests found: expected NAME.test.yaml with at least one rule`)
  const only = options.only?.toLowerCase()
  const results = only === undefined ? all : all.filter(({ rule, name }) => `${rule}: ${name}`.toLowerCase().includes(only))
  if (results.length === 0) throw new UsageError(`--only: none of ${String(all.length)} tests contains '${options.only ?? ''}'`)
  return { results, coverage: coverageOf(ruleSet, tests, regression) }
}

function textOf(results: readonly CaseResult[], coverage: readonly RuleCoverage[], options: TestOptions): string {
  const width = widthOf(process.stdout)
  const report = reportText(results, { width, colors: colorsFor(process.stdout), isVerbose: options.all })
  if (options.coverage) return `${report}\n${coverageText(coverage, width)}`
  const untested = coverage.filter(({ positive, negative }) => positive + negative === 0).length
  return untested === 0 ? report : `${report}${String(untested)} of ${String(coverage.length)} rules have no test (--coverage names them)\n`
}

function resultsJson(results: readonly CaseResult[], coverage: readonly RuleCoverage[] | null): object {
  return {
    ...countsOf(results),
    results: results.map(({ why, ...result }) => ({ ...result, ...(why === null ? {} : { why: verdictJson(why) }) })),
    ...(coverage === null ? {} : { coverage }),
  }
}

function writeJunit(file: string, results: readonly CaseResult[]): void {
  try {
    writeFileSync(file, junitXml(results))
  } catch (error) {
    throw new UsageError(`--junit: ${messageOf(error)}`)
  }
}
