// `eunomia rules ...`: registers the subcommands. They read rules from files and use no Kafka, Redis or kernel.
import type { Command } from 'commander'
import { registerCheckCommand } from './check/check-command.js'
import { registerConvertCommand } from './convert-command.js'
import { registerDiffCommand } from './diff-command.js'
import { registerEvalCommand } from './eval/eval-command.js'
import { registerExplainCommand } from './explain/explain-command.js'
import { registerFieldsCommand } from './fields-command.js'
import { registerListCommand } from './list-command.js'
import { registerNewCommand } from './new-command.js'
import { registerParseCommand } from './parse-command.js'
import { registerPlanCommand } from './plan-command.js'
import { refuseBrokenSettings } from './rule-flags.js'
import { registerTestCommand } from './test/test-command.js'
import { registerSchemaCommand } from './schema-command.js'
import { registerTopCommand } from './top-command.js'

const EXAMPLES = `
Examples:
  eunomia rules list                               what the rules that ship with Eunomia watch for
  eunomia rules check my-rules.yaml                every mistake with file, line and column
  eunomia rules explain 'Shell with a terminal in a container'
  eunomia rules test rules                         run the tests next to rules
  eunomia rules fields proc                        fields that conditions and outputs can use`

/** Adds `rules` with its subcommands to the program. */
export function registerRulesCommands(program: Command): void {
  const rules = program
    .command('rules')
    .description('write, check, explain, compare and test detection rules')
    .addHelpText('after', EXAMPLES)
    .hook('preAction', (_rules, command) => refuseBrokenSettings(command))
  registerCheckCommand(rules)
  registerListCommand(rules)
  registerExplainCommand(rules)
  registerTestCommand(rules)
  registerFieldsCommand(rules)
  registerParseCommand(rules)
  registerEvalCommand(rules)
  registerPlanCommand(rules)
  registerTopCommand(rules)
  registerDiffCommand(rules)
  registerConvertCommand(rules)
  registerNewCommand(rules)
  registerSchemaCommand(rules)
}
