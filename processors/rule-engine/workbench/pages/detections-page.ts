// The text of docs/detections.md: what the shipped rules detect, file by file, and which of their events the current collector emits.
import { basename } from 'node:path'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import { typesNotEmitted, COLLECTED_TYPES_OF } from '../../fields/record/event-type.js'
import { priorityName } from '../../rule-set/priority.js'
import { attackTechnique, techniqueIdsOf } from '../attack-techniques.js'

const HEAD = `<!-- Generated from rules/*.yaml by \`npm run generate\`. Do not edit: change the rule. -->

# Detections

The rules that ship with Eunomia, in load order. The first rule that matches an event creates the alert, so specific rules come before general ones.
\`eunomia rules explain RULE\` shows one rule in full: what it detects, its known false alarms, the reason for its priority, its condition.
\`eunomia rules test\` runs the tests next to the rules.

**Live** shows what this version's collector emits on a live host. *yes*: all events of the rule. *partly*: some of them. *later*: none; the rule is tested with
records and does not fire until the collector emits these events. Rules marked *off* are disabled because ordinary work triggers them.

The techniques are those of [MITRE ATT&CK](https://attack.mitre.org) 19.

## Tuning the rules
Rules have exceptions, so that you can tune them without copying them. A file of your own that loads after \`rules/\` adds values to them;
\`eunomia rules explain RULE\` lists the exceptions of a rule:

\`\`\`yaml
- rule: Privileged container started
  exceptions:
    - name: image
      values: [registry.k8s.io/kube-proxy, quay.io/cilium/cilium]
  override: { exceptions: append }

- rule: Executable file written in a running container   # off as it ships
  enabled: true
  override: { enabled: replace }
\`\`\`

\`\`\`
eunomia run --rules rules --rules mine.yaml
\`\`\`

## Limits
- Some rules can only check program names, and a program can take any name. If a name is an exception, the path must be that of an installed program; in a container that an intruder built, that proves nothing.
- If busybox is built so (Debian's is, Alpine's is not), programs that its shell starts are called \`exe\`. Rules by name miss them, rules by file do not.
- Shell built-ins (\`history -c\`, \`export\`, \`echo\`) start no program. Their effect on files is visible, their words are not.
- A file that is accessed through another hard link, or a device with another name, has another path.
`

/** The text of docs/detections.md. @param rules in load order */
export function detectionsPage(rules: readonly CompiledRule[]): string {
  const files = [...new Set(rules.map((rule) => rule.place.file))]
  const sections = files.map((file) =>
    fileSection(
      file,
      rules.filter((rule) => rule.place.file === file),
    ),
  )
  const live = rules.filter((rule) => liveOf(rule) !== 'later').length
  const later = live === rules.length ? '' : ` ${String(rules.length - live)} need events that this version does not emit.`
  const count = `${String(rules.length)} rules; ${String(live)} can fire on a live host.${later}\n`
  return [HEAD, count, ...sections].join('\n')
}

function fileSection(file: string, rules: readonly CompiledRule[]): string {
  const title = basename(file, '.yaml').replaceAll('-', ' ')
  const rows = rules.map(
    (rule) => `| ${[nameCell(rule), priorityName(rule.priority), techniqueCell(rule), eventCell(rule), liveOf(rule)].join(' | ')} |`,
  )
  const head = '| rule | priority | ATT&CK | events | live |\n| --- | --- | --- | --- | --- |'
  return `## ${title.charAt(0).toUpperCase()}${title.slice(1)}\n\n${head}\n${rows.join('\n')}\n`
}

/** Name and first sentence of the description. */
function nameCell(rule: CompiledRule): string {
  const sentence = /^.*?[.:](?= [A-Z]|$)/s.exec(rule.desc.trim())?.[0] ?? rule.desc.trim()
  return `**${cell(rule.name)}**${rule.isEnabled ? '' : ' (*off*)'}<br>${cell(sentence.replace(/:$/, '.'))}`
}

function techniqueCell(rule: CompiledRule): string {
  return techniqueIdsOf(rule.tags)
    .map((id) => {
      const shown = id.toUpperCase()
      return `[${shown}](https://attack.mitre.org/techniques/${shown.replace('.', '/')}/ "${attackTechnique(id)?.name ?? ''}")`
    })
    .join(', ')
}

/** Topics of the rule's events. */
function eventCell(rule: CompiledRule): string {
  const topics = Object.entries(COLLECTED_TYPES_OF).filter(([, types]) => rule.eventTypes.some((type) => types.includes(type)))
  return topics.map(([topic]) => topic).join(', ')
}

function liveOf(rule: CompiledRule): 'yes' | 'partly' | 'later' {
  const missing = typesNotEmitted(rule.eventTypes).length
  return missing === 0 ? 'yes' : missing < rule.eventTypes.length ? 'partly' : 'later'
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*').replace(/\s+/g, ' ')
}
