// Fields of the catalogue for property tests: any that records or field maps may contain, grouped by the operators that they accept.
import fc from 'fast-check'
import { FIELD_GROUPS } from '../../../processors/rule-engine/fields/catalogue.js'
import type { FieldDefinition } from '../../../processors/rule-engine/fields/field.js'
import { familyOf, type TypeFamily } from '../../../processors/rule-engine/fields/field-type.js'

/** A field as a condition writes it. */
export interface WrittenField {
  readonly text: string
  readonly definition: FieldDefinition
  readonly family: TypeFamily
}

/** Fields whose argument or value can't be invented: it must be a name of the kernel. */
const LEFT_OUT = ['evt.arg', 'evt.rawarg', 'evt.around', 'evt.type.is', 'evt.type']
const KEYS = ['HOME', 'app', '"/etc/x y"', '2', 'LD_PRELOAD']

const definitions = FIELD_GROUPS.flatMap(([, fields]) => fields).filter(
  ({ name, isWholeEvent, deprecated }) => !LEFT_OUT.includes(name) && !isWholeEvent && deprecated === null,
)

function written(definition: FieldDefinition, argument: string | null): WrittenField {
  const text = argument === null ? definition.name : `${definition.name}[${argument}]`
  const plurality = argument === null || definition.plurality === 'list' ? definition.plurality : 'one'
  return { text, definition: { ...definition, plurality }, family: familyOf(definition.type) }
}

function formsOf(definition: FieldDefinition): WrittenField[] {
  switch (definition.argument) {
    case 'none':
      return [written(definition, null)]
    case 'index':
      return [written(definition, null), ...['0', '1', '2', '7'].map((index) => written(definition, index))]
    case 'key':
      return [written(definition, null), ...KEYS.map((key) => written(definition, key))]
    case 'requiredKey':
    case 'requiredIndexOrKey':
      return KEYS.map((key) => written(definition, key))
    case 'requiredNumber':
      return [written(definition, '2')]
  }
}

const FIELDS: readonly WrittenField[] = definitions.flatMap(formsOf)

/** Common fields, which are as frequent as all others together. */
const USUAL: readonly WrittenField[] = FIELDS.filter(({ text }) =>
  [
    'evt.type',
    'proc.name',
    'proc.cmdline',
    'proc.aname',
    'fd.name',
    'container.id',
    'user.uid',
    'fd.num',
    'fd.sip',
    'fd.net',
    'fd.sport',
  ].includes(text),
)

/** A field that the condition allows. */
export function arbitraryField(isWanted: (field: WrittenField) => boolean = () => true): fc.Arbitrary<WrittenField> {
  const fields = FIELDS.filter(isWanted)
  const usual = USUAL.filter(isWanted)
  const any = fc.constantFrom(...fields)
  return usual.length === 0 ? any : fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...usual) }, { weight: 3, arbitrary: any })
}
