// A document of the Elastic Common Schema from its fields by their dotted names. The compiler checks names and types by the generated table.
import { ECS_FIELDS } from '../generated/ecs-fields.js'

type Fields = typeof ECS_FIELDS

/** Dotted name of a field of ECS that alerts use. */
export type EcsName = keyof Fields

type Scalar<Type> = Type extends 'long'
  ? number
  : Type extends 'boolean'
    ? boolean
    : Type extends 'object'
      ? Record<string, string>
      : string
type ValueOf<Name extends EcsName> = Fields[Name] extends { readonly isList: true } ? readonly string[] : Scalar<Fields[Name]['type']>

/** Fields of a document; null is absent. */
export type EcsFields = { readonly [Name in EcsName]?: ValueOf<Name> | null | undefined }

/** The objects around a field, and its name in the innermost one. */
const PLACES = new Map(
  Object.keys(ECS_FIELDS).map((name) => [name, { owners: name.split('.').slice(0, -1), own: name.replace(/.*\./, '') }]),
)

/**
 * The document: objects within objects, without what is absent and without empty lists.
 * @param groups fields that are different; several, because objects with more than some hundred names are slow
 */
export function ecsNested(groups: readonly EcsFields[]): Record<string, unknown> {
  const document: Record<string, unknown> = {}
  for (const fields of groups) {
    for (const name of Object.keys(fields) as EcsName[]) {
      const value = fields[name]
      if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue
      const { owners, own } = PLACES.get(name) ?? { owners: [], own: name }
      let inner = document
      for (const owner of owners) inner = (inner[owner] ??= {}) as Record<string, unknown>
      inner[own] = value
    }
  }
  return document
}
