// The text of `rules explain --engine`.
import assert from 'node:assert/strict'
import { engineText } from '../../../../../cli/rules/explain/engine-text.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { engineExplanation } from '../../../../../processors/rule-engine/workbench/explain/engine-explanation.js'

const TEXT = `- rule: r
  desc: d
  condition: >
    evt.type in (open, openat) and fd.name startswith /etc/ and evt.is_open_write = true
    and (proc.name in (a, b, c, d, e, f) or proc.cmdline regex ".*secret.*") and not proc.exe = x and evt.arg.flags contains O_TRUNC
  output: o
  priority: INFO
`

describe('the explanation of the engine', () => {
  it('shows the rows of a rule, what each test looks for, and where', () => {
    const [rule] = loadRules([{ name: 'f.yaml', text: TEXT }]).ruleSet.activeRules
    assert.ok(rule !== undefined)
    const described = engineExplanation(rule)
    assert.equal(
      engineText(rule.name, described, false),
      `r
The rule is evaluated on an event if all tests of one row may hold.

open, openat: 2 rows
  row 1:
    fd.name: prefix /etc/ [bytes: path, first in path]
    evt.is_open_write: by its number [bytes: ofOpen]
    evt.arg.flags: part O_TRUNC [bytes: callArgument]
    proc.name: equal a | equal b | equal c | equal d | ... 2 more [bytes: text]
    not proc.exe: equal x [bytes: argument]
  row 2:
    fd.name: prefix /etc/ [bytes: path, first in path]
    evt.is_open_write: by its number [bytes: ofOpen]
    evt.arg.flags: part O_TRUNC [bytes: callArgument]
    proc.cmdline: part secret (necessary) [bytes: commandLine, first in arguments]
    not proc.exe: equal x [bytes: argument]
`,
    )
    assert.match(engineText(rule.name, described, true), /equal f \[bytes: text\]/)
  })
})
