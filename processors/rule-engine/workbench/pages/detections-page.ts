// The text of docs/detections.md: what the shipped rules detect, file by file, and which of their events the current collector emits.
import { basename } from 'node:path'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import { typesNotEmitted, COLLECTED_TYPES_OF } from '../../fields/record/event-type.js'
import { priorityName } from '../../rule-set/priority.js'
import { attackTechnique, techniqueIdsOf } from '../../../../schemas/attack-techniques.js'

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

## How rules exempt
A rule leaves out a program that has a right to do what it describes. A name is no proof of that: a file, a process and an argument are named by who makes them. An
exemption therefore tests \`proc.program\`, the file name of a program of which the kernel's facts prove the origin, or \`proc.aprogram\` for an ancestor:

- **host** (\`proc.host_program\`): a file owned by the host's root, not writable by its group or others, on a local file system that the host's root mounted, below a system
  folder as seen from the host's root folder, in a mount namespace that the host's root made. In a container, only in the host's own mount namespace: the runtime that sets it up.
- **image**: a file of the lower layer of the container's overlay, below a system folder, unchanged since the image was made. The overlay must be mounted on the host, too, as
  runtimes mount it: root in a container may mount overlays of layers of its choice, but not there.
- No origin has a file that was deleted, that is itself mounted over its name, that was started from memory or through a mount that the process does not have, or whose process has an
  environment that loads other code into it (\`LD_*\`, \`PYTHONPATH\`, \`PERL5LIB\`, \`BASH_ENV\`, exported functions and the like).
- A copy in memory that a container runtime of the host (runc, crun, lxc-attach) starts of itself keeps the origin of that runtime: it must be of the same size, run as root and in
  the host's mount namespace. Its content is not compared: what makes a runtime of the host start another file from memory (a hook, told by the host's root) passes for it.
- A script has no origin: only its path as given is known, and the facts of its interpreter. Programs that are scripts (the dnf of old, Ansible, cloud-init, pip) are therefore
  exempt nowhere, unless a proven ancestor makes them so: where they run, expect alerts and add exceptions. Scripts of packages below dpkg are exempt as what they start is.

| attempt | why it is no exemption |
| --- | --- |
| a renamed copy, \`cp payload /tmp/runc\` | its path is in no system folder, or it is in the upper layer |
| \`prctl(PR_SET_NAME)\`, another \`argv[0]\`, a symbolic link | the name is that of the file |
| a hard link | its path is in no system folder; in a container it is in the upper layer |
| a bind mount over \`/usr/bin/runc\` | the file itself is what is mounted; the mount is an alert |
| root of a user namespace, an overlay or tmpfs of its own | the owner is not the host's root, or the host's root did not mount it |
| root of a container that may mount, an overlay of its own | the overlay is not mounted on the host |
| \`chroot\` into a tree that has \`usr/bin/apt\` | the root folder is not the host's |
| the host's \`/\` mounted in a container, and \`chroot\` | the process is not in the host's mount namespace |
| \`memfd_create\`, \`/proc/self/fd/3\`, \`ld.so /tmp/x\` | no path, or the path of the dynamic linker |
| \`LD_PRELOAD=x.so apt\` | the environment loads other code |
| a script called \`sshd\`, wherever it is | scripts have no origin |
| an ancestor called \`apt\` | ancestors are proven alike; front ends exempt nothing that they start |

What it does not prove is what the program was asked to do: \`dpkg -i\` runs the scripts of any package, \`gdb -p\` attaches where it is told. Front
ends (apt) exempt nothing that they start, a command that an option of a package manager runs is an alert, and so is each way to put a file among the trusted ones: a write below or a
mount over system folders, the preload list of the dynamic linker. What the host's root changes before the collector starts, and code that an exploit injects into a running program, is trusted.

Searches work the other way: \`proc.names\` holds every name that a process goes by (its command name, the file names of executable, script and first argument, what a dynamic
linker or busybox was given). Each rule's description ends with what it does not see, and its tests include evasions that must alert.

## Limits
- busybox is one file with many programs: it has no exemption as any of them. Rules that expect \`login\` or \`adduser\` alert for those of busybox.
- Containers without an overlay (btrfs, zfs, devicemapper) have no lower layer: no program of theirs is proven. So it is where the runtime mounts the overlay out of sight
  of the host (in a mount or user namespace of its own, as without root).
- Snaps and other programs with a root folder of their own are not those of the host.
- A process that ran before the collector has the facts of that moment; its environment and script are not known, so a script then has the name of its interpreter.
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

/** Name, first sentence of the description, and what the rule does not see. */
function nameCell(rule: CompiledRule): string {
  const sentence = /^.*?[.:](?= [A-Z]|$)/s.exec(rule.desc.trim())?.[0] ?? rule.desc.trim()
  const notSeen = /Not seen: (.*?)\.(?= Priority:|$)/s.exec(rule.desc)?.[1] ?? ''
  return `**${cell(rule.name)}**${rule.isEnabled ? '' : ' (*off*)'}<br>${cell(sentence.replace(/:$/, '.'))}<br>*Not seen:* ${cell(notSeen)}.`
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
