// Which operators a type takes. One table per family of types, as Falco's libs have it.
import { familyOf } from '../fields/field-type.js'
import type { FieldType, TypeFamily } from '../fields/field-type.js'
import type { Operator } from '../language/tree.js'

const EQUALITY = ['=', '==', '!=', 'in', 'intersects'] as const
const ORDER = ['<', '<=', '>', '>='] as const
const SUBTEXT = ['contains', 'startswith', 'endswith'] as const

const LEGAL: Readonly<Record<TypeFamily, ReadonlySet<Operator>>> = {
  text: new Set<Operator>([...EQUALITY, ...ORDER, ...SUBTEXT, 'icontains', 'glob', 'iglob', 'regex', 'pmatch']),
  bytes: new Set<Operator>([...EQUALITY, ...SUBTEXT, 'bcontains', 'bstartswith']),
  number: new Set<Operator>([...EQUALITY, ...ORDER]),
  bool: new Set<Operator>(EQUALITY),
  address: new Set<Operator>(EQUALITY),
  network: new Set<Operator>(EQUALITY),
}
const LEGAL_FOR_LISTS: ReadonlySet<Operator> = new Set<Operator>(['in', 'intersects'])
const TYPES_OF_LISTS: ReadonlySet<FieldType> = new Set<FieldType>(['CHARBUF', 'UINT64', 'RELTIME', 'ABSTIME', 'BOOL', 'IPADDR', 'IPNET'])

/** Ends of sockets as the kernel has them: they can be shown and asked for, not compared. */
const INCOMPARABLE: ReadonlySet<FieldType> = new Set<FieldType>(['SOCKADDR', 'SOCKTUPLE'])

const FAMILY_WORDS: Readonly<Record<TypeFamily, string>> = {
  text: 'string filters',
  bytes: 'buffer filters',
  number: 'numeric filters',
  bool: 'numeric filters',
  address: 'ip address and network filters',
  network: 'ip address and network filters',
}

/** Why the operator can't be used on the type; null when it can. */
export function operatorProblem(operator: Operator, type: FieldType, isList: boolean): string | null {
  const shown = operator === '==' ? '=' : operator
  if (isList) {
    if (!TYPES_OF_LISTS.has(type)) return `list filters are not supported for type '${type}'`
    return LEGAL_FOR_LISTS.has(operator) ? null : `'${shown}' operator not supported list filters`
  }
  if (INCOMPARABLE.has(type)) return `'${shown}' operator not supported for type '${type}'`
  const family = familyOf(type)
  return LEGAL[family].has(operator) ? null : `'${shown}' operator not supported for ${FAMILY_WORDS[family]}`
}
