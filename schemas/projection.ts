// Types of a projected decode: which fields of a record were asked for, and what comes back.

type Inner<Type> =
  Extract<Type, object> extends infer Found ? (Found extends readonly unknown[] | Uint8Array ? never : keyof Found & string) : never

/** Names of the fields of a record, and with a dot those of a record inside it: `type`, `process`, `process.pid`. */
export type FieldPath<RecordType> = {
  [Name in keyof RecordType & string]: Name | `${Name}.${Inner<RecordType[Name]>}`
}[keyof RecordType & string]

type Head<Path extends string> = Path extends `${infer Name}.${string}` ? Name : Path
type Rest<Path extends string, Name extends string> = Path extends `${Name}.${infer Tail}` ? Tail : never
type Part<Type, Path extends string> = Type extends object ? { readonly [Name in keyof Type & Path]: Type[Name] } : Type

/** The part of a record that the paths name. */
export type Projected<RecordType, Path extends string> = {
  readonly [Name in keyof RecordType & Head<Path>]: Name extends Path ? RecordType[Name] : Part<RecordType[Name], Rest<Path, Name & string>>
}
