// A rule set for tests of code built on the engine: the real engine over a text in Falco's syntax.
import assert from 'node:assert/strict'
import { createCompiledEvaluator } from '../../../processors/rule-engine/compiled/compiled-evaluator.js'
import type { Evaluator } from '../../../processors/rule-engine/evaluate/evaluator.js'
import { loadRules } from '../../../processors/rule-engine/load/load-rules.js'

/** Two rules over opens: one that needs the image of a container, followed by one that needs only the path. */
export const TWO_RULES = `
- rule: image is bad
  desc: an open in a container of the image bad
  condition: evt.type in (open, openat, openat2) and container.image.repository = bad
  output: open in %container.name (file=%fd.name)
  priority: CRITICAL
- rule: shadow was read
  desc: an open of /etc/shadow anywhere
  condition: evt.type in (open, openat, openat2) and fd.name = /etc/shadow
  output: read by %proc.cmdline in %container.name
  priority: WARNING
`

/** An evaluator of these rules, first match, with its filters from the first record on. */
export function evaluatorOf(text: string): Evaluator {
  const { ruleSet, errors } = loadRules([{ name: 'test.yaml', text }])
  assert.equal(errors.length, 0, errors.map(({ message }) => message).join('\n'))
  return createCompiledEvaluator(ruleSet, { coldRecords: 0 })
}
