// The tree of a Falco condition as the oracle holds it: close to the text, nothing is resolved. Knows no field and no rule file.

/** `evt.type`, `proc.aname[2]`. */
export interface FieldName {
  readonly kind: 'field'
  readonly name: string
  /** The text in brackets; null for none. */
  readonly argument: string | null
}

/** `tolower(proc.name)`, `getopt(proc.args, "ab:")[a]`. */
export interface Call {
  readonly kind: 'call'
  readonly name: string
  readonly inputs: readonly Input[]
  /** The text in brackets after the call; null for none. */
  readonly index: string | null
}

export type Operand = FieldName | Call
export type Input =
  Operand | { readonly kind: 'text'; readonly text: string } | { readonly kind: 'inputs'; readonly items: readonly Input[] }

/** The right side: written values, or a field (`val(…)`) or transformer. */
export type RightSide = { readonly kind: 'texts'; readonly texts: readonly string[] } | Operand

export type Modifier = 'oneof' | 'anyof' | 'allof'

export interface Check {
  readonly kind: 'check'
  readonly left: Operand
  readonly operator: string
  readonly modifier: Modifier | null
  /** No texts for `exists`. */
  readonly right: RightSide
}

/** Texts in it are byte text: one character per byte of UTF-8. */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Condition[] }
  | { readonly kind: 'not'; readonly term: Condition }
  | { readonly kind: 'macro'; readonly name: string }
  | Check

/** All checks of a condition from left to right, without those of macros. */
export function checksOf(condition: Condition): Check[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.terms.flatMap(checksOf)
    case 'not':
      return checksOf(condition.term)
    case 'macro':
      return []
    case 'check':
      return [condition]
  }
}

/** The fields that an operand reads. */
export function fieldsIn(input: Input): FieldName[] {
  if (input.kind === 'field') return [input]
  if (input.kind === 'call') return input.inputs.flatMap(fieldsIn)
  return input.kind === 'inputs' ? input.items.flatMap(fieldsIn) : []
}
