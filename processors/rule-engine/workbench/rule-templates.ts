// Templates for new rules with tests. A template loads and its tests pass, so that every change shows what it breaks.
import { stringify } from 'yaml'

/** Kinds of rules. */
export const RULE_KINDS = ['exec', 'file', 'network'] as const
/** One of them. */
export type RuleKind = (typeof RULE_KINDS)[number]

interface FalcoTemplate {
  readonly condition: string
  readonly output: string
  readonly tag: string
  readonly base: Readonly<Record<string, unknown>>
  readonly fires: string
  readonly silent: { readonly name: string; readonly with: Readonly<Record<string, unknown>> }
}

const BY_KIND: Readonly<Record<RuleKind, FalcoTemplate>> = {
  exec: {
    condition: 'evt.type in (execve, execveat) and evt.rawres >= 0 and container.id != host and proc.name = example',
    output: 'example started in %container.name (%container.image.repository): %proc.cmdline by %proc.pname, user %user.name',
    tag: 'mitre_execution',
    base: { 'evt.type': 'execve', 'evt.rawres': 0, 'container.id': '3f2a1b4c5d6e', 'proc.name': 'example' },
    fires: 'example is started in a container',
    silent: { name: 'example is started on the host', with: { 'container.id': 'host' } },
  },
  file: {
    condition: 'evt.type in (open, openat, openat2) and evt.is_open_write = true and fd.num >= 0 and fd.name startswith /etc/example/',
    output: '%fd.name opened for writing by %proc.cmdline (parent %proc.pname, user %user.name) in %container.name',
    tag: 'mitre_persistence',
    base: { 'evt.type': 'openat', 'evt.is_open_write': true, 'fd.num': 5, 'fd.name': '/etc/example/settings' },
    fires: 'a file below /etc/example is written',
    silent: { name: 'it is only read', with: { 'evt.is_open_write': false } },
  },
  network: {
    condition: 'evt.type = connect and evt.rawres >= 0 and fd.sport = 4444 and container.id != host',
    output: '%proc.cmdline (user %user.name) in %container.name connected to %fd.sip port %fd.sport',
    tag: 'mitre_command_and_control',
    base: { 'evt.type': 'connect', 'evt.rawres': 0, 'fd.sport': 4444, 'container.id': '3f2a1b4c5d6e' },
    fires: 'a container connects to port 4444',
    silent: { name: 'it connects to port 443', with: { 'fd.sport': 443 } },
  },
}

/** Text of a rule file and of its test file. */
export interface RuleFilesText {
  readonly rule: string
  readonly tests: string
}

/** A Falco rule and its tests. @param name any text; it is quoted if YAML requires it */
export function falcoRule(name: string, kind: RuleKind): RuleFilesText {
  const { condition, output, tag, base, fires, silent } = BY_KIND[kind]
  const rule = [
    {
      rule: name,
      desc: 'Describe what this detects, and which harmless actions look the same.',
      condition,
      output,
      priority: 'WARNING',
      tags: [tag],
    },
  ]
  const tests = [{ rule: name, base, fires: [{ name: fires }], silent: [silent] }]
  return { rule: stringify(rule, { lineWidth: 120 }), tests: stringify(tests, { lineWidth: 120 }) }
}
