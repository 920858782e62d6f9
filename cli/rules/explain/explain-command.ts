// `eunomia rules explain`: all that is known of one rule, its condition with macros and lists put in, and the fields it reads.
import type { Command } from 'commander'
import { UsageError } from '../../../infra/errors.js'
import { nearestName } from '../../../infra/nearest.js'
import { fieldsOf } from '../../../processors/rule-engine/compile/bound-tree.js'
import type { CompiledRule } from '../../../processors/rule-engine/compiled-rule.js'
import { priorityName } from '../../../processors/rule-engine/priority.js'
import { colorsFor, printable, widthOf, wrap } from '../../terminal/terminal-text.js'
import { addRuleFlags, loadOptionsOf } from '../rule-flags.js'
import type { RuleFlags } from '../rule-flags.js'
import { loadRules } from '../rule-paths.js'

const EXAMPLES = `
Examples:
  eunomia rules explain 'Shell with a terminal in a container'
  eunomia rules explain 'Terminal shell in container' falco_rules.yaml`

export function registerExplainCommand(rules: Command): void {
  addRuleFlags(rules.command('explain'))
    .description('one rule: what it sees, its condition in full, the fields it reads, why it can not fire')
    .argument('<rule>', 'name of the rule, or the id of a Sigma rule')
    .argument('[paths...]', 'rule files and folders (default: the rules that ship with Eunomia)')
    .option('--json', 'one JSON object', false)
    .addHelpText('after', EXAMPLES)
    .action((name: string, paths: string[], options: RuleFlags & { json: boolean }) => {
      const rule = findRule(name, loadRules(paths, loadOptionsOf(options)).ruleSet.rules)
      process.stdout.write(options.json ? `${JSON.stringify(explanation(rule))}\n` : explanationText(rule))
    })
}

function findRule(name: string, all: readonly CompiledRule[]): CompiledRule {
  const found =
    all.find((rule) => rule.name === name || rule.id === name) ?? all.find((rule) => rule.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  const names = all.map((rule) => rule.name)
  // Also a part of a name, as people remember it.
  const near = nearestName(name, names) ?? names.find((known) => known.toLowerCase().includes(name.toLowerCase()))
  throw new UsageError(
    `no rule is named '${name}'; ${near === undefined ? 'eunomia rules list shows their names' : `did you mean '${near}'?`}`,
  )
}

/** Fields of the condition, each once. */
function fieldsRead(rule: CompiledRule): { name: string; type: string; doc: string; unavailable: string | null }[] {
  const byKey = new Map(fieldsOf(rule.condition).map((field) => [field.key, field]))
  return [...byKey.values()].map(({ key, type, definition }) => ({
    name: key,
    type,
    doc: definition.doc,
    unavailable: definition.unavailable,
  }))
}

function explanation(rule: CompiledRule): object {
  const {
    id,
    name,
    language,
    level,
    author,
    references,
    source,
    priority,
    tags,
    desc,
    version,
    eventTypes,
    isEnabled,
    unavailable,
    place,
    conditionText,
    compiledText,
    outputText,
  } = rule
  const fields = fieldsRead(rule)
  return {
    id,
    name,
    language,
    source,
    priority: priorityName(priority),
    level,
    author,
    references,
    enabled: isEnabled,
    version,
    tags,
    desc,
    place,
    eventTypes,
    unavailable,
    condition: conditionText,
    compiled: compiledText,
    output: outputText,
    fields,
  }
}

function explanationText(rule: CompiledRule): string {
  const colors = colorsFor(process.stdout)
  const width = widthOf(process.stdout)
  const lines: string[] = [colors.bold(printable(rule.name))]
  const add = (title: string, text: string): void => {
    const [first = '', ...rest] = wrap(printable(text.trim().replace(/\s+/g, ' ')), width - 13)
    lines.push(`${colors.dim(title.padEnd(12))} ${first}`, ...rest.map((line) => `${' '.repeat(13)}${line}`))
  }
  add('what', rule.desc)
  add('priority', rule.level === null ? priorityName(rule.priority) : `${priorityName(rule.priority)} (level ${rule.level})`)
  if (rule.language === 'sigma') {
    add('id', rule.id)
    add('log source', rule.source)
    if (rule.author !== null) add('author', rule.author)
    for (const reference of rule.references) add('reference', reference)
  }
  add('state', rule.isEnabled ? 'on' : 'off')
  for (const reason of rule.unavailable) add("can't fire", reason)
  add('events', rule.eventTypes.join(', '))
  add('tags', rule.tags.join(', '))
  add('from', `${rule.place.file}:${String(rule.place.line)}`)
  add('version', rule.version)
  add('output', rule.outputText)
  add('condition', rule.compiledText)
  for (const { name, type, doc, unavailable } of fieldsRead(rule)) {
    add('reads', `${name} (${type}): ${doc}${unavailable === null ? '' : ` Not yet: ${unavailable}.`}`)
  }
  return `${lines.join('\n')}\n`
}
