// `eunomia rules test`: runs the tests beside rules: events that must make a rule fire, and events that must not.
import type { Command } from 'commander'
import { EunomiaError, UsageError } from '../../../infra/errors.js'
import { colorsFor, printable } from '../../terminal/terminal-text.js'
import { addRuleFlags, loadOptionsOf } from '../rule-flags.js'
import type { RuleFlags } from '../rule-flags.js'
import { loadRules, rulePaths } from '../rule-paths.js'
import { findTestFiles, readTestFile } from './test-file.js'
import { runTests } from './test-run.js'
import type { CaseResult } from './test-run.js'

const EXAMPLES = `
Examples:
  eunomia rules test                  the rules that ship with Eunomia
  eunomia rules test my-rules         NAME.test.yaml beside NAME.yaml in the folder

A test file:
  - rule: Shell with a terminal in a container
    base: { evt.type: execve, container.id: 3f2a1b4c5d6e, proc.tty: 34816 }
    fires:
      - name: sh by docker exec -it
        with: { proc.name: sh, proc.pname: containerd-shim }
    silent:
      - name: a shell without a terminal
        with: { proc.name: sh, proc.tty: 0 }`

/** Tests of rules failed: a rule fired where it must not, or kept silent. */
export class RuleTestsFailedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RULE_TESTS_FAILED'
}

export function registerTestCommand(rules: Command): void {
  addRuleFlags(rules.command('test'))
    .description('run the tests beside rules (NAME.test.yaml); exit status 1 when one fails')
    .argument('[folder]', 'folder with rules and tests (default: the rules that ship with Eunomia)')
    .option('--json', 'one JSON array of results', false)
    .option('--verbose', 'also cases that pass', false)
    .addHelpText('after', EXAMPLES)
    .action((folder: string | undefined, options: RuleFlags & { json: boolean; verbose: boolean }) => {
      const given = folder === undefined ? [] : [folder]
      const { ruleSet } = loadRules(given, loadOptionsOf(options))
      const suites = findTestFiles(rulePaths(given)).flatMap(readTestFile)
      if (suites.length === 0)
        throw new UsageError(`${folder ?? 'rules'}: no tests of rules there: expected NAME.test.yaml with at least one rule`)
      const results = runTests(ruleSet, suites)
      if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`)
      else printResults(results, options.verbose)
      const untested = ruleSet.rules.filter((rule) => !suites.some((suite) => suite.rule === rule.name)).map((rule) => rule.name)
      if (!options.json && untested.length > 0) process.stdout.write(`without tests: ${printable(untested.join(', '))}\n`)
      const failed = results.filter((result) => !result.isPassed).length
      if (failed > 0) throw new RuleTestsFailedError(`${String(failed)} of ${String(results.length)} rule tests failed`)
    })
}

function printResults(results: readonly CaseResult[], isVerbose: boolean): void {
  const colors = colorsFor(process.stdout)
  for (const result of results) {
    const title = `${result.rule}: ${result.name}`
    if (result.isPassed) {
      if (isVerbose) process.stdout.write(`${colors.green('pass')} ${printable(title)}\n`)
      continue
    }
    process.stdout.write(`${colors.red('FAIL')} ${printable(title)} (${printable(result.file)})\n`)
    process.stdout.write(`     expected: ${result.expected}\n     got:      ${result.got}\n`)
    for (const note of result.notes) process.stdout.write(`     ${printable(note)}\n`)
  }
  const passed = results.filter((result) => result.isPassed).length
  process.stdout.write(`${String(passed)} passed, ${String(results.length - passed)} failed\n`)
}
