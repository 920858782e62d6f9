// The form of the tables of names.

/** Names from a first number on, one behind the other, - for a number that has none. */
export type NumberedNames = readonly (readonly [first: number, names: string])[]
