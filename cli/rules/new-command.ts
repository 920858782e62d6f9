// `eunomia rules new NAME`: writes a new rule and its tests from a template.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { messageOf, UsageError } from '../../infra/process/errors.js'
import { printable } from '../../infra/text/printable.js'
import { falcoRule, RULE_KINDS, type RuleKind } from '../../processors/rule-engine/workbench/rule-templates.js'

const EXAMPLES = `
Examples:
  eunomia rules new 'Example started in a container'
  eunomia rules new 'Settings of example written' --kind file --folder my-rules`

/** Adds `rules new` to the rules commands. */
export function registerNewCommand(rules: Command): void {
  const command = rules.command('new')
  command
    .description('create a new rule with tests, from a template')
    .argument('<name>', 'name of the rule')
    .addOption(command.createOption('--kind <kind>', 'which events it is about').choices(RULE_KINDS).default('exec'))
    .option('--folder <folder>', 'folder for the files', '.')
    .addHelpText('after', EXAMPLES)
    .action((name: string, { kind, folder }: { kind: RuleKind; folder: string }) => {
      const stem = stemOf(name)
      const { rule, tests } = falcoRule(name, kind)
      const files = [
        { path: join(folder, `${stem}.yaml`), text: rule },
        { path: join(folder, `${stem}.test.yaml`), text: tests },
      ]
      write(folder, files)
      const paths = files.map(({ path }) => printable(path)).join('\n  ')
      process.stdout.write(`wrote\n  ${paths}\nnext: edit both, then eunomia rules test ${printable(folder)}\n`)
    })
}

/** `Shell in a container` -> `shell-in-a-container`. @throws UsageError for a name without a letter or digit */
function stemOf(name: string): string {
  const stem = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80)
  if (stem === '') throw new UsageError('the name of a rule needs a letter or a digit')
  return stem
}

function write(folder: string, files: readonly { readonly path: string; readonly text: string }[]): void {
  for (const { path } of files) if (existsSync(path)) throw new UsageError(`${path} already exists: choose another name or folder`)
  try {
    mkdirSync(folder, { recursive: true })
    for (const { path, text } of files) writeFileSync(path, text, { flag: 'wx' })
  } catch (error) {
    throw new UsageError(`can't write the rule: ${messageOf(error)}`, { cause: error })
  }
}
