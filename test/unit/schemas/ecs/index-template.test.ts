// The index template has the types of ECS, and bounds what one field can make of an attacker's text.
import assert from 'node:assert/strict'
import { indexTemplateOf } from '../../../../schemas/ecs/index-template.js'

interface Mapping {
  readonly type?: string
  readonly ignore_above?: number
  readonly properties?: Readonly<Record<string, Mapping>>
}

describe('the index template', () => {
  const options = { engine: 'opensearch', index: 'eunomia-alerts', isDataStream: false } as const

  function mappings(template: object): Mapping {
    return (template as { readonly template: { readonly mappings: Mapping } }).template.mappings
  }

  it('lets no term grow beyond what Lucene takes, and makes no field of a name in a document', () => {
    const root = mappings(indexTemplateOf(options))
    const visit = (name: string, { type, ignore_above: bound, properties = {} }: Mapping): void => {
      if (type === 'keyword' || type === 'wildcard') assert.ok(bound !== undefined && bound * 4 <= 32_766, name)
      for (const [child, mapping] of Object.entries(properties)) visit(`${name}.${child}`, mapping)
    }
    visit('', root)
    assert.equal((root as { readonly dynamic?: unknown }).dynamic, false)
    assert.equal(root.properties?.['process']?.properties?.['pid']?.type, 'long')
    assert.equal(root.properties['@timestamp']?.type, 'date')
  })

  it('names the labels of containers in the way of each engine, and the data stream', () => {
    const labels = (engine: 'opensearch' | 'elasticsearch'): string | undefined =>
      mappings(indexTemplateOf({ ...options, engine })).properties?.['container']?.properties?.['labels']?.type
    assert.deepEqual([labels('opensearch'), labels('elasticsearch')], ['flat_object', 'flattened'])
    assert.ok('data_stream' in indexTemplateOf({ ...options, isDataStream: true }) && !('data_stream' in indexTemplateOf(options)))
  })
})
