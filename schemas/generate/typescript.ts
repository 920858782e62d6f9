// Writes the TypeScript types of the records: an interface per record, a literal union and its array per enum.
// The output is formatted as by prettier, so that generated code passes the same checks as written code.
import {
  shortNameOf,
  type AvroSchema,
  type EnumSchema,
  type NamedSchema,
  type PrimitiveName,
  type RecordSchema,
} from '../tree/schema-model.js'

const LINE_WIDTH = 140

const TYPE_OF_PRIMITIVE: Readonly<Record<PrimitiveName, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  bytes: 'Uint8Array',
  string: 'string',
}

/** The text of schemas/generated/types.ts. */
export function typescriptOf(schemas: readonly NamedSchema[]): string {
  const head = [
    '// Generated from schemas/*.avsc by `npm run generate`. Do not edit: change the schema.',
    '// The records of the topics as TypeScript sees them.',
  ]
  return `${[head.join('\n'), ...schemas.map(declarationOf)].join('\n\n')}\n`
}

function declarationOf(schema: NamedSchema): string {
  if (schema.kind === 'record') return interfaceOf(schema)
  if (schema.kind === 'enum') return literalUnionOf(schema)
  return `${commentOf(`${schema.doc} ${String(schema.size)} bytes.`.trim(), '')}export type ${shortNameOf(schema.name)} = Uint8Array`
}

function interfaceOf(schema: RecordSchema): string {
  const fields = schema.fields.map((field) => `${commentOf(field.doc, '  ')}  readonly ${field.name}: ${typeOf(field.type)}`)
  return `${commentOf(schema.doc, '')}export interface ${shortNameOf(schema.name)} {\n${fields.join('\n')}\n}`
}

function literalUnionOf(schema: EnumSchema): string {
  const name = shortNameOf(schema.name)
  const constant = `${name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toUpperCase()}_SYMBOLS`
  const symbols = schema.symbols.map((symbol) => `'${symbol}'`)
  const oneLine = `export const ${constant} = [${symbols.join(', ')}] as const`
  const array =
    oneLine.length <= LINE_WIDTH ? oneLine : `export const ${constant} = [\n${symbols.map((s) => `  ${s},\n`).join('')}] as const`
  return [
    `${commentOf(`Symbols of {@link ${name}}; the index of a symbol is its number in Avro.`, '')}${array}`,
    `${commentOf(schema.doc, '')}export type ${name} = (typeof ${constant})[number]`,
  ].join('\n')
}

/** The TypeScript type of a schema. */
export function typeOf(schema: AvroSchema): string {
  switch (schema.kind) {
    case 'primitive':
      return TYPE_OF_PRIMITIVE[schema.name]
    case 'array': {
      const items = typeOf(schema.items)
      return `readonly ${items.includes(' ') ? `(${items})` : items}[]`
    }
    case 'map':
      return `Readonly<Record<string, ${typeOf(schema.values)}>>`
    case 'union': {
      const types = [...new Set(schema.branches.map(typeOf))]
      const withoutNull = types.filter((type) => type !== 'null')
      return [...withoutNull, ...(withoutNull.length < types.length ? ['null'] : [])].join(' | ')
    }
    default:
      return shortNameOf(schema.name)
  }
}

function commentOf(doc: string, indent: string): string {
  if (doc === '') return ''
  const text = doc.replaceAll('*/', '* /')
  if (indent.length + text.length + 7 <= LINE_WIDTH) return `${indent}/** ${text} */\n`
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + 3 + line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return `${indent}/**\n${lines.map((each) => `${indent} * ${each}\n`).join('')}${indent} */\n`
}
