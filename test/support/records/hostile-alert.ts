// Alerts whose texts an attacker chose: each is format in some receiver, or is longer than it takes.
import fc from 'fast-check'
import { Codec } from '../../../schemas/codec.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { arbitraryValue } from './arbitrary-record.js'
import { sampleContainerFacts, sampleProcess } from './sample-records.js'
import { testAlert } from './test-alert.js'

/** Texts that begin a key, a record, a header, a mention, markup or a template somewhere; and lengths at the bounds. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' leading and trailing ',
  'a=b externalId=forged cs1=x',
  'a|b|10|msg=forged',
  'back\\slash \\=\\|\\\\ \\n end\\',
  'line\nCEF:0|x|y|z|1|forged|10|',
  '\r\n<34>1 2026-01-01T00:00:00Z forged - - - -',
  'X-Injected: yes\r\nSet-Cookie: a=b',
  '<!here> <!channel> <@U123> @here @everyone <https://evil.example|click>',
  '*bold* _it_ ~s~ `code` ```block``` &amp; &lt;',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '{{rule}} {{=<% %>=}} ${process.env} #{1} <%= 1 %> {{ .Labels.secret }}',
  '"quote\' "," },{"index":{}}',
  '\u001b[2J\u001b]0;title\u0007\u0008\u007f\u0085\u009b',
  '\u202eevil\u2066\u200b\u2028\u2029\ufeff',
  'é€😀\u{10ffff}',
  '../../etc/passwd %s%n %0d%0a',
  '__proto__',
  '\ttab\u000bvt\u000cff',
  'x'.repeat(32_767),
  '€'.repeat(12_000),
  `${'A'.repeat(100_000)}\n=|`,
]

/** An alert with the text wherever an attacker can choose one. */
export function hostileAlert(text: string, changes: Partial<Alert> = {}): Alert {
  return testAlert({
    rule: text,
    ruleId: text,
    output: text,
    tags: [text, 'attack.t1059.004', 'mitre_execution'],
    author: text,
    references: [text, text],
    outputFields: { 'proc.cmdline': text, [text]: text },
    path: `/tmp/${text}`,
    process: sampleProcess({
      name: text.slice(0, 15),
      exePath: `/${text}`,
      args: [text, text],
      parentArgs: [text],
      cwd: `/${text}`,
      user: text,
      group: text,
      env: [`A=${text}`, text],
    }),
    container: { ...sampleContainerFacts(), name: text, image: text, labels: { [text]: text, 'a.b': text, a: text } },
    ...changes,
  })
}

/** One for each hostile text. */
export function hostileAlerts(): Alert[] {
  return HOSTILE_TEXTS.map((text, index) => hostileAlert(text, { alertId: index.toString(16).padStart(32, '0') }))
}

/** Any alert of the schema. */
export function arbitraryAlert(): fc.Arbitrary<Alert> {
  return arbitraryValue(new Codec().schema('alerts')) as fc.Arbitrary<Alert>
}
