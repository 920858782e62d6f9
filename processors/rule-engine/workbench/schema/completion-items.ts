// Completion data for conditions and outputs: fields, operators and transformers, in the format of the Language Server Protocol.
// @see https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#completionItem
import { FIELD_GROUPS } from '../../fields/catalogue.js'
import type { FieldDefinition } from '../../fields/field.js'
import { LIST_OPERATORS, MODIFIERS, NUMBER_OPERATORS, TEXT_OPERATORS, TRANSFORMERS } from '../../language/tree.js'

/** Item kinds of the protocol. */
const FIELD = 5
const OPERATOR = 24
const FUNCTION = 3

/** One completion item. */
export interface CompletionItem {
  readonly label: string
  readonly kind: number
  /** Type, or what it is. */
  readonly detail: string
  readonly documentation: string
  readonly insertText: string
  /** Tags of the protocol: deprecated. */
  readonly tags?: readonly number[]
}

const DEPRECATED = 1

/** Everything that a condition consists of, except names of macros and lists. */
export function completionItems(): CompletionItem[] {
  const operator = (label: string): CompletionItem => ({ label, kind: OPERATOR, detail: 'operator', documentation: '', insertText: label })
  return [
    ...FIELD_GROUPS.flatMap(([, fields]) => fields).map(fieldItem),
    ...[...NUMBER_OPERATORS, ...TEXT_OPERATORS, ...LIST_OPERATORS, 'exists', ...MODIFIERS, 'and', 'or', 'not'].map(operator),
    ...[...TRANSFORMERS, 'val'].map((label) => ({
      label,
      kind: FUNCTION,
      detail: 'transformer',
      documentation: '',
      insertText: `${label}(`,
    })),
  ]
}

function fieldItem({ name, type, doc, argument, unavailable, deprecated }: FieldDefinition): CompletionItem {
  const mustHaveArgument = argument.startsWith('required')
  const documentation = unavailable === null ? doc : `${doc} Not available: ${unavailable}.`
  return {
    label: name,
    kind: FIELD,
    detail: argument === 'none' ? type : `${type}, argument: ${argument}`,
    documentation,
    insertText: mustHaveArgument ? `${name}[` : name,
    ...(deprecated === null ? {} : { tags: [DEPRECATED] }),
  }
}
