// Writes docs/coverage.md from the catalogue of attacks, which test/e2e/attacks proves; with --check only says whether it is up to date.
import { writeOrCheck } from '../../../infra/process/generated-files.js'
import type { Attack, AttackFamily, ExpectedEvent } from './attack.js'
import { ATTACK_FAMILIES, ATTACKS } from './catalogue.js'

const HEAD = `<!-- Generated from test/support/attacks by \`npm run generate\`. Do not edit. -->

# Coverage

What Eunomia sees of an attack, and which rule that ships alerts. \`npm run attacks\` does every one of these attacks on the host it runs on: in containers of a
Docker daemon of its own, as root and as uid 65534. It fails if an event or an alert is missing, or if there is an alert where the table has none.

- **where**: *container* has Docker's default rights; *privileged container* has all; *host* is root on the host; *user* is uid 65534 on the host.
- **seen as**: the event, with what it must say. All events also carry the process, its ancestors and the container.
- Counted, and no events: \`pipe\` and \`pipe2\` (\`suppressed.interest.pipe\`), and calls that no table has (\`calls.unknown.ABI.NUMBER\`).
- **Falco**, **Tetragon**: what their documentation and rule files say; they were not run. *rule*: a rule of Falco's three rule files
  (stable, incubating, sandbox) is about it. *event, no rule*: Falco reads the arguments of the call, no rule of those files is about this use. *name only*: a
  rule can match the name of the call, but none of its arguments. Tetragon as it is installed reports execs and exits; *policy on HOOK* means that a TracingPolicy with this hook would report
  it. It has no rules of its own. Sources: [events of Falco](https://falco.org/docs/reference/rules/supported-events/),
  [rules of Falco](https://github.com/falcosecurity/rules), [policies of Tetragon](https://tetragon.io/docs/concepts/tracing-policy/).
`

/** The whole page. */
export function coveragePage(): string {
  const alerting = ATTACKS.filter(({ alert }) => alert !== null).length
  const counts = `${String(ATTACKS.length)} attacks: each is an event, ${String(alerting)} are alerts.`
  return [HEAD, counts, '', ...ATTACK_FAMILIES.map(familyText)].join('\n')
}

function familyText({ title, attacks }: AttackFamily): string {
  const head = ['| technique | how | where | seen as | alert | Falco | Tetragon |', '|---|---|---|---|---|---|---|']
  return [`## ${title}`, '', ...head, ...attacks.map(row), ''].join('\n')
}

function row({ technique, aim, how, place, seen, alert, silentBecause, falco, tetragon }: Attack): string {
  const address = `https://attack.mitre.org/techniques/${technique.replace('.', '/')}/`
  const alerts = alert ?? `none: ${silentBecause ?? ''}`
  const cells = [`[${technique}](${address}) ${aim}`, how, place, seenText(seen), alerts, falco, tetragon]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function seenText({ call, path, argument, fields = {} }: ExpectedEvent): string {
  const said = [
    ...(path === undefined ? [] : [`path ends with \`${path}\``]),
    ...(argument === undefined ? [] : [`an argument ends with \`${argument}\``]),
    ...Object.entries(fields).map(([name, value]) => `${name} is \`${String(value)}\``),
  ]
  return [`\`${call}\``, ...said].join(', ')
}

writeOrCheck(new Map([['docs/coverage.md', coveragePage()]]))
