// What an answer of the control socket must hold, so that it can be taken for what it says it is.

interface Types {
  readonly text: string
  /** Whole. */
  readonly count: number
  readonly flag: boolean
}

type TypeName = keyof Types

/** Each field of a flat object with its type. */
export type Form<T> = { readonly [Name in keyof T]-?: T[Name] extends string ? 'text' : T[Name] extends number ? 'count' : 'flag' }

const IS: Readonly<Record<TypeName, (value: unknown) => boolean>> = {
  text: isText,
  count: isCount,
  flag: (value) => typeof value === 'boolean',
}

/** Every field is there and of its type. */
export function fits<T extends object>(value: unknown, form: Form<T>): value is T {
  const given = fieldsOf(value)
  return Object.entries<TypeName>(form).every(([name, type]) => IS[type](given[name]))
}

/** A list of nothing else. */
export function isListOf<T>(value: unknown, isOne: (one: unknown) => one is T): value is T[] {
  return Array.isArray(value) && value.every(isOne)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** A whole number. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
}
