// What an alert says other than a test expects.
import type { FilledTemplate } from '../../output/fill-template.js'
import type { ExpectedAlert } from './test-suite.js'

/** Lines of the difference, those that were expected with `-`, those that are there with `+`; none when it is as expected. */
export function alertDifference(expected: ExpectedAlert, got: FilledTemplate, priority: string): string[] {
  const lines: string[] = []
  const differ = (what: string, wanted: unknown, had: unknown): void => {
    lines.push(`- ${what}: ${shown(wanted)}`, `+ ${what}: ${shown(had)}`)
  }
  if (expected.priority !== undefined && expected.priority.toLowerCase() !== priority.toLowerCase())
    differ('priority', expected.priority, priority)
  if (expected.output !== undefined && expected.output !== got.output) differ('output', expected.output, got.output)
  const missing = expected.contains.filter((part) => !got.output.includes(part))
  if (missing.length > 0) lines.push(...missing.map((part) => `- output contains: ${shown(part)}`), `+ output: ${shown(got.output)}`)
  for (const [name, value] of Object.entries(expected.fields)) {
    if (!Object.hasOwn(got.outputFields, name)) lines.push(`- field ${name}: ${shown(value)}`, `+ the output has no field ${name}`)
    else if (String(got.outputFields[name]) !== String(value)) differ(`field ${name}`, value, got.outputFields[name])
  }
  return lines
}

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))
