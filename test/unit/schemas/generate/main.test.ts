// Generated files say what the schemas say.
import assert from 'node:assert/strict'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { splitDoc } from '../../../../schemas/generate/events-page.js'
import { staleFiles } from '../../../../infra/process/generated-files.js'
import { generatedFiles } from '../../../../schemas/generate/main.js'
import { typescriptOf, typeOf } from '../../../../schemas/generate/typescript.js'
import { SchemaParser } from '../../../../schemas/tree/schema-parser.js'

const parse = (json: unknown): ReturnType<SchemaParser['parse']> => new SchemaParser().parse(json, 'test')

describe('generated files', () => {
  it('are committed as they would be generated now', () => {
    assert.deepEqual(staleFiles(generatedFiles(), packageRoot()), [])
  })

  it('give each Avro type its TypeScript type', () => {
    const table: [unknown, string][] = [
      ['long', 'number'],
      ['double', 'number'],
      ['bytes', 'Uint8Array'],
      [['null', 'string'], 'string | null'],
      [['null', 'long', 'double', 'boolean'], 'number | boolean | null'],
      [{ type: 'array', items: 'string' }, 'readonly string[]'],
      [{ type: 'array', items: ['null', 'int'] }, 'readonly (number | null)[]'],
      [{ type: 'map', values: 'bytes' }, 'Readonly<Record<string, Uint8Array>>'],
      [{ type: 'long', logicalType: 'timestamp-micros' }, 'number'],
    ]
    for (const [json, expected] of table) assert.equal(typeOf(parse(json)), expected)
  })

  it('write a record as an interface and an enum as a union with its symbols', () => {
    const colour = { type: 'enum', name: 'Colour', symbols: ['UNKNOWN', 'red'], default: 'UNKNOWN', doc: 'A colour.' }
    const parser = new SchemaParser()
    const schema = parser.parse(
      { type: 'record', name: 'Thing', doc: 'A */ thing.', fields: [{ name: 'colour', type: colour, doc: 'Its colour.' }] },
      'test',
    )
    assert.ok(schema.kind === 'record')
    const field = schema.fields[0]?.type
    assert.ok(field?.kind === 'enum')
    const text = typescriptOf([field, schema])
    assert.match(text, /export const COLOUR_SYMBOLS = \['UNKNOWN', 'red'\] as const\n/)
    assert.match(text, /export type Colour = \(typeof COLOUR_SYMBOLS\)\[number\]\n/)
    assert.match(
      text,
      /\/\*\* A \* \/ thing\. \*\/\nexport interface Thing \{\n {2}\/\*\* Its colour\. \*\/\n {2}readonly colour: Colour\n\}\n/,
    )
  })

  it('divide a doc into meaning and source', () => {
    assert.deepEqual(splitDoc('Real user id. Source: cred.uid.'), ['Real user id.', 'cred.uid'])
    assert.deepEqual(splitDoc('No source'), ['No source', ''])
  })
})
