// `eunomia rules convert`: converts rules to the other language if that is exact, and reports why the others can't be converted.
import type { Command } from 'commander'
import { stringify } from 'yaml'
import type { CompiledRule } from '../../processors/rule-engine/rule-set/compiled-rule.js'
import { counted, printable } from '../../infra/text/printable.js'
import { addRuleFlags, resolvedRules, loadGoodRules, type RuleFlags } from './rule-flags.js'
import type { Conversion } from '../../processors/rule-engine/workbench/convert/conversion.js'
import { falcoFromSigma } from '../../processors/rule-engine/workbench/convert/falco-from-sigma.js'
import { sigmaFromFalco } from '../../processors/rule-engine/workbench/convert/sigma-from-falco.js'

const EXAMPLES = `
A rule is converted only if the result means the same for every event. The languages share few fields, so many rules
can't be converted; for each, the first part without an equivalent is reported. Eunomia runs both languages unchanged.
One exception: Sigma treats K (Kelvin sign) and İ as the letters k and i, which no Falco condition can express.

Examples:
  eunomia rules convert --to falco sigma-rules > converted.yaml
  eunomia rules convert --to sigma my-rules.yaml`

interface ConvertFlags extends RuleFlags {
  readonly to: 'falco' | 'sigma'
  readonly json: boolean
}

interface Converted {
  readonly rule: CompiledRule
  readonly conversion: Conversion
}

export function registerConvertCommand(rules: Command): void {
  const command = addRuleFlags(rules.command('convert'))
  command
    .description('convert rules to the other language if that is exact')
    .argument('[paths...]', 'rule files and folders (default: rules.folders of the settings, else the rules that ship with Eunomia)')
    .addOption(command.createOption('--to <language>', 'language of the result').choices(['falco', 'sigma']).makeOptionMandatory())
    .option('--json', 'print one JSON array, including rules that cannot be converted', false)
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: ConvertFlags) => {
      const { to } = options
      const { ruleSet } = await loadGoodRules(paths, resolvedRules(command, options))
      const given = ruleSet.rules.filter(({ language }) => language !== to)
      const all = given.map((rule) => ({ rule, conversion: to === 'falco' ? falcoFromSigma(rule) : sigmaFromFalco(rule) }))
      process.stdout.write(options.json ? `${JSON.stringify(all.map(json))}\n` : documents(all, to))
      if (!options.json) process.stderr.write(summary(all, to))
      if (all.some(({ conversion }) => !conversion.isExact)) process.exitCode = 1
    })
}

function documents(all: readonly Converted[], to: ConvertFlags['to']): string {
  const found = all.flatMap(({ conversion }) => (conversion.isExact ? [conversion.document] : []))
  if (found.length === 0) return ''
  if (to === 'falco') return stringify(found, { lineWidth: 120 })
  return found.map((document) => stringify(document, { lineWidth: 120 })).join('---\n')
}

function summary(all: readonly Converted[], to: ConvertFlags['to']): string {
  const refused = all.flatMap(({ rule, conversion }) =>
    conversion.isExact ? [] : [`not converted: ${printable(rule.name)}: ${printable(conversion.reason)}\n`],
  )
  return `${refused.join('')}${counted(all.length - refused.length, 'rule')} of ${String(all.length)} converted to ${to}\n`
}

function json({ rule: { id, name, place }, conversion }: Converted): object {
  return { id, name, file: place.file, ...(conversion.isExact ? { converted: conversion.document } : { reason: conversion.reason }) }
}
