// `eunomia evidence`: the story of an alert with its events as one file that can be checked.
import type { Command } from 'commander'
import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { ruleFoldersOf, ruleOptionsOf } from '../../assembly/rules.js'
import type { Config } from '../../infra/config/config-schema.js'
import { UsageError, messageOf } from '../../infra/process/errors.js'
import { counted, printable, printableJson } from '../../infra/text/printable.js'
import { checkCase, damageOf } from '../../processors/forensics/evidence/case-manifest.js'
import { type CaseRule, collectCase } from '../../processors/forensics/evidence/collect-case.js'
import { EvidenceInvalidError } from '../../processors/forensics/evidence/zip-file.js'
import { windowAround } from '../../processors/forensics/story/read-story.js'
import { loadRuleFiles, readRuleFile } from '../../processors/rule-engine/load/rule-files.js'
import type { Alert } from '../../schemas/generated/types.js'
import { commandContext, parseSpan } from '../settings.js'
import { AROUND_MS } from './context-command.js'
import { givenAlert, refuseExisting, withPast, writeNewFile } from './open-past.js'

const EXAMPLES = `
The file holds the alert, its story (JSON and HTML), the events of its processes as JSON and with their original bytes, their schemas,
the rule, what is missing, and a manifest with the sha256 of each. The same records give the same bytes.

Examples:
  eunomia evidence 3f2a9c --output case.zip
  eunomia evidence 3f2a9c --before 1h --output case.zip
  eunomia evidence verify case.zip                  names what was changed, removed or added
  eunomia evidence verify case.zip --sha256 HASH    and compares the manifest with what was noted when it was written`

const MAX_ZIP_BYTES = 1 << 30

interface EvidenceOptions {
  readonly before: number
  readonly after: number
  readonly output?: string
}

/** Adds the command to the program. */
export function registerEvidenceCommand(program: Command): void {
  const evidence = program
    .command('evidence')
    .argument('<alert>', 'id of the alert, or its beginning; - or a file for an alert as JSON')
    .description('pack an alert with its story, events and rule into one file that can be checked')
    .option('--before <span>', 'from this long before the alert (default: 5m)', parseSpan, AROUND_MS)
    .option('--after <span>', 'until this long after it (default: 5m)', parseSpan, AROUND_MS)
    .option('--output <file>', 'the new file, as in case.zip; required')
    .addHelpText('after', EXAMPLES)
    .action(write)
  evidence
    .command('verify')
    .argument('<file>', 'a file that `eunomia evidence` wrote')
    .description('compare every file of a case with its manifest')
    .option('--sha256 <hash>', 'sha256 of the manifest, 64 digits, as printed when the case was written')
    .option('--json', 'print JSON', false)
    .addHelpText('after', EXAMPLES.slice(EXAMPLES.indexOf('\nExamples:')))
    .action(verify)
}

async function write(argument: string, options: EvidenceOptions, command: Command): Promise<void> {
  const { output } = options
  if (output === undefined) throw new UsageError('give the new file with --output')
  refuseExisting(output)
  const { config } = commandContext(command, [], 'warn')
  const made = await withPast(command, async (past) => {
    const found = await givenAlert(argument, past)
    const window = windowAround(found.alert, options.before, options.after)
    return await collectCase(found, found.source, window, past.reader, past.codec, ruleOf(found.alert, config))
  })
  writeNewFile(output, made.zip)
  process.stdout.write(`${printable(output)}: ${counted(made.events, 'event')}, sha256 of the manifest ${made.manifestSha256}\n`)
  if (made.beyond > 0) process.stderr.write(`${counted(made.beyond, 'event')} found no room in it: choose a shorter time\n`)
  for (const reason of made.story.unread) process.stderr.write(`not read: ${printable(reason)}\n`)
}

function verify(file: string, { sha256, json }: { readonly sha256?: string; readonly json: boolean }): void {
  const report = checkCase(contentOf(file))
  const damage = damageOf(report)
  const { stdout } = process
  if (json) stdout.write(`${stdout.isTTY ? printableJson(JSON.stringify(report)) : JSON.stringify(report)}\n`)
  if (damage !== null) throw new EvidenceInvalidError(`${file}: ${damage}`)
  if (sha256 !== undefined && report.manifestSha256 !== sha256.toLowerCase())
    throw new EvidenceInvalidError(`${file}: the sha256 of its manifest is ${report.manifestSha256}, not ${sha256}: it is another case`)
  if (!json)
    process.stdout.write(
      `${printable(file)}: ${counted(report.files, 'file')} as in the manifest, whose sha256 is ${report.manifestSha256}\n`,
    )
}

function contentOf(file: string): Buffer {
  try {
    if (statSync(file).size > MAX_ZIP_BYTES) throw new UsageError('it is too large')
    return readFileSync(file)
  } catch (error) {
    throw new UsageError(`${printable(file)} can't be read: ${messageOf(error)}`, { cause: error })
  }
}

/** The rule as it is here now, with its file. */
function ruleOf(alert: Alert, config: Config): CaseRule {
  const { ruleSet } = loadRuleFiles(ruleFoldersOf(config.rules), ruleOptionsOf(config.rules))
  const rule = [...ruleSet.rules, ...ruleSet.correlations].find(({ id }) => id === alert.ruleId)
  if (rule === undefined) return { about: { id: alert.ruleId, found: false, ofAlert: alert.ruleVersion }, file: null }
  const { id, name, version, source, priority, tags, desc, conditionText, outputText, author, references, place } = rule
  const read = readRuleFile(place.file)
  return {
    about: {
      ...{
        id,
        name,
        found: true,
        isVersionOfAlert: version === alert.ruleVersion,
        version,
        ofAlert: alert.ruleVersion,
        ruleSetHashOfAlert: alert.ruleSetHash,
      },
      ...{
        source,
        priority,
        tags,
        desc,
        condition: conditionText,
        output: outputText,
        author,
        references,
        file: basename(place.file),
        line: place.line,
      },
    },
    file: 'problem' in read ? null : { name: basename(place.file), text: String(read.text) },
  }
}
