// The message of a Sigma rule, which names none itself: its title, and the fields that it looked at or asks to be shown.
import type { ResolvedField } from '../fields/catalogue.js'
import type { OutputTemplate, TemplatePart } from '../compile/template.js'
import { toByteText } from '../text/byte-text.js'

/** Most fields of one message. */
const MAX_FIELDS = 20

/** The template, and its text as people are shown it. */
export function sigmaOutput(title: string, fields: readonly ResolvedField[]): { readonly template: OutputTemplate; readonly text: string } {
  const shown = fields.filter(({ definition }) => !definition.isWholeEvent).slice(0, MAX_FIELDS)
  const parts = shown.flatMap((field, index): TemplatePart[] => [
    { kind: 'text', text: toByteText(`${index === 0 ? ':' : ''} ${field.key}=`) },
    { kind: 'field', key: field.key, operand: { kind: 'field', field, type: field.type, plurality: field.plurality }, width: null },
  ])
  return {
    template: { parts: [{ kind: 'text', text: toByteText(title) }, ...parts] },
    text: `${title}${shown.map(({ key }, index) => `${index === 0 ? ':' : ''} ${key}=%${key}`).join('')}`,
  }
}
