// Fields of a test that no rule can read, most likely misspelt: the test would pass, or fail, for the wrong reason.
import { nearestName } from '../../../../infra/text/nearest.js'
import { fieldsOf } from '../../compile/bound-tree.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import { resolveField } from '../../fields/catalogue.js'
import type { GivenEvent } from '../given-events/given-event.js'

/** Names shorter than this differ by a character and mean something else (a0, a1). */
const MIN_NAME = 5

/** The sentence that says what is wrong; null when nothing is. */
export function fieldProblem(rule: CompiledRule, event: GivenEvent): string | null {
  if (event.kind === 'record') return null
  const names = [...Object.keys(event.fields), ...event.unknown]
  const problems = names.map((name) => (rule.language === 'falco' ? falcoProblem(name) : sigmaProblem(name, rule)))
  return problems.find((problem) => problem !== null) ?? null
}

function falcoProblem(name: string): string | null {
  const bracket = /^([^[]+)\[(.*)\]$/.exec(name)
  const resolved = resolveField(bracket?.[1] ?? name, bracket?.[2] ?? null)
  return 'problem' in resolved ? resolved.problem : null
}

/** Events of Sigma may hold any field; one that is nearly what the rule reads is none of them. */
function sigmaProblem(name: string, { onFields, condition }: CompiledRule): string | null {
  const read = fieldsOf((onFields ?? { condition }).condition).map((field) => field.key)
  if (name.length < MIN_NAME || read.includes(name)) return null
  const near = nearestName(
    name,
    read.filter((known) => Math.abs(known.length - name.length) <= 2),
  )
  if (near === undefined || /[0-9]$/.test(name)) return null
  return differsLittle(name, near) ? `the rule does not read '${name}'; did you mean '${near}'?` : null
}

/** Another case, or one character more, less, or exchanged. */
function differsLittle(a: string, b: string): boolean {
  if (a.toLowerCase() === b.toLowerCase()) return true
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++
  return Math.max(a.length, b.length) - start - end <= 2
}
