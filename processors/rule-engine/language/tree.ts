// The tree of a condition, as the parser builds it and macro expansion extends it. Immutable; all text in it is byte text.
// It knows only the grammar: compile/ decides whether a field exists and an operator fits it.

/** Where a node begins in the text of its condition. `line` and `column` count from 1, `index` from 0, in bytes. */
export interface Place {
  readonly index: number
  readonly line: number
  readonly column: number
}

export const NUMBER_OPERATORS = ['<=', '<', '>=', '>'] as const
export const TEXT_OPERATORS = [
  '==',
  '=',
  '!=',
  'glob',
  'iglob',
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'regex',
] as const
export const LIST_OPERATORS = ['intersects', 'in', 'pmatch'] as const

/** An operator with a right side; `exists` has none and is a node of its own. */
export type Operator = (typeof NUMBER_OPERATORS)[number] | (typeof TEXT_OPERATORS)[number] | (typeof LIST_OPERATORS)[number]

/** How many of the listed values must match: exactly one, at least one, or every one. */
export const MODIFIERS = ['oneof', 'anyof', 'allof'] as const
export type Modifier = (typeof MODIFIERS)[number]

export const TRANSFORMERS = ['tolower', 'toupper', 'b64', 'basename', 'len', 'join', 'concat', 'getopt'] as const
/** Parts of a date, as numbers. */
export const TIME_PARTS = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const
export type TimePart = (typeof TIME_PARTS)[number]
/** Conversions of a text: without case, to a number, an address or a part of a date. Conditions can't name them; Sigma uses them. */
export type Conversion = 'casefold' | 'number' | 'address' | TimePart
/** `val` marks a field on the right side, where a bare name is a text. It changes no value. */
export type TransformerName = (typeof TRANSFORMERS)[number] | 'val' | Conversion

/** `proc.name`, `proc.aname[2]`. */
export interface FieldOperand {
  readonly kind: 'field'
  readonly name: string
  /** The text in the brackets; null if there are none. */
  readonly argument: string | null
  readonly place: Place
}

/** `toupper(fd.name)`, `getopt(("-n"), "n")[n]`. */
export interface TransformerOperand {
  readonly kind: 'transformer'
  readonly name: TransformerName
  readonly inputs: readonly TransformerInput[]
  readonly argument: string | null
  readonly place: Place
}

/** A text, quoted or bare. A number where a text is expected is also a text. */
export interface ValueOperand {
  readonly kind: 'value'
  readonly text: string
  readonly place: Place
}

/** `(a, b)` on the right side of an operator. */
export interface ValueList {
  readonly kind: 'values'
  readonly texts: readonly string[]
  readonly place: Place
}

/** `(fd.name, "x")` as an input of a transformer. */
export interface InputList {
  readonly kind: 'inputs'
  readonly items: readonly (FieldOperand | TransformerOperand | ValueOperand)[]
  readonly place: Place
}

export type TransformerInput = FieldOperand | TransformerOperand | ValueOperand | InputList
/** The left side of a check. */
export type Operand = FieldOperand | TransformerOperand

export interface AndExpression {
  readonly kind: 'and'
  readonly children: readonly Expression[]
  readonly place: Place
}
export interface OrExpression {
  readonly kind: 'or'
  readonly children: readonly Expression[]
  readonly place: Place
}
export interface NotExpression {
  readonly kind: 'not'
  readonly child: Expression
  readonly place: Place
}
/** A bare identifier: the name of a macro. */
export interface MacroReference {
  readonly kind: 'macro'
  readonly name: string
  readonly place: Place
}
export interface ExistsCheck {
  readonly kind: 'exists'
  readonly left: Operand
  readonly place: Place
}
export interface ComparisonCheck {
  readonly kind: 'comparison'
  readonly left: Operand
  readonly operator: Operator
  readonly modifier: Modifier | null
  readonly right: ValueOperand | ValueList | Operand
  readonly place: Place
}

/** A condition. */
export type Expression = AndExpression | OrExpression | NotExpression | MacroReference | ExistsCheck | ComparisonCheck
