// Makes docs/detections.md: what the shipped rules see, file by file, with what today's collector lets them see on a live host.
import { basename } from 'node:path'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import { typesNotEmitted } from '../../fields/record/event-type.js'
import { COLLECTED_TYPES_OF } from '../../fields/record/event-type.js'
import { priorityName } from '../../rule-set/priority.js'
import { attackTechnique, techniqueIdsOf } from '../attack-techniques.js'

const HEAD = `<!-- Generated from rules/*.yaml by \`npm run generate\`. Do not edit: change the rule. -->

# Detections

The rules that ship with Eunomia, in the order in which they load: the first that matches an event speaks, so what knows a deed by name stands before what only finds it unusual.
\`eunomia rules explain RULE\` shows one whole: what it sees, its known false alarms, why it has its priority, its condition. \`eunomia rules test\` runs the tests beside them.

**Live** says what the collector of this version tells on a live host: *yes*; *partly* (the other ways to do the same are seen when their events come); *later* (the rule is tested from
records, and stays silent until the collector makes these events). Rules marked *off* are switched off because ordinary work fires them.

The techniques are those of [MITRE ATT&CK](https://attack.mitre.org) 19.

## Making them yours
Rules have places for exceptions, so that nobody needs to copy one to tune it. A file of your own that loads after \`rules/\` adds values; \`eunomia rules explain RULE\` names the places:

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

## What they can't see
- Names of programs are judged where nothing better is known, and a program can take any name. Where a name excuses, the path must lie among the installed programs; in a container of an intruder's making that proves nothing.
- Programs of busybox that its shell starts by itself are called \`exe\` where it was built so (Debian's is, Alpine's is not); rules by name miss them, rules by file do not.
- What a shell does by itself (\`history -c\`, \`export\`, \`echo\`) starts no program; its effect on files is seen, not the words.
- A file that is reached by another hard link, or a device of another name, has another path.
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
  const later = live === rules.length ? '' : ` ${String(rules.length - live)} come with later events.`
  const count = `${String(rules.length)} rules; ${String(live)} see what they are about on a live host, or a part of it.${later}\n`
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

/** Topics of the events that the rule is about. */
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
