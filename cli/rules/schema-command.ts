// `eunomia rules schema`: JSON schemas of rule files and completion data, for editors.
import type { Command } from 'commander'
import { completionItems } from '../../processors/rule-engine/workbench/schema/completion-items.js'
import { falcoSchema, sigmaSchema } from '../../processors/rule-engine/workbench/schema/rule-schemas.js'
import { ruleTestSchema } from '../../processors/rule-engine/workbench/schema/test-schema.js'

const EXAMPLES = `
Examples:
  eunomia rules schema falco > falco-rules.schema.json    then, as the first line of a rule file:
                                                          # yaml-language-server: $schema=falco-rules.schema.json
  eunomia rules schema sigma > sigma.schema.json
  eunomia rules schema tests > rule-tests.schema.json     for NAME.test.yaml
  eunomia rules schema completion > completion.json       fields, operators and transformers as LSP completion items`

const DOCUMENTS: Readonly<Record<string, () => unknown>> = {
  falco: falcoSchema,
  sigma: sigmaSchema,
  tests: ruleTestSchema,
  completion: completionItems,
}

/** Adds `rules schema` to the rules commands. */
export function registerSchemaCommand(rules: Command): void {
  const command = rules.command('schema')
  command
    .description('JSON schemas of rule files and completion data, for editors')
    .addArgument(command.createArgument('<what>', 'which document').choices(Object.keys(DOCUMENTS)))
    .addHelpText('after', EXAMPLES)
    .action((what: string) => {
      process.stdout.write(`${JSON.stringify(DOCUMENTS[what]?.(), null, 2)}\n`)
    })
}
