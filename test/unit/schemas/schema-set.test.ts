// What every schema of ours keeps to: docs with a source, defaults of enums, nullable fields, ids.
import assert from 'node:assert/strict'
import { TOPIC_KEYS } from '../../../infra/topic-log/topics.js'
import { CURRENT_VERSION, fixedIdOf, RELEASED_VERSION, SCHEMA_VERSIONS } from '../../../schemas/ids.js'
import { currentSchemas, readSchemaFiles, storedSchemas } from '../../../schemas/schema-set.js'
import { namedSchemas } from '../../../schemas/generate/named-schemas.js'
import { RECORD_OF_TOPIC, subjectOf } from '../../../schemas/topics.js'
import { unstoredTopics, versionFaults } from '../../../schemas/compatibility.js'

describe('schema files', () => {
  const schemas = namedSchemas(readSchemaFiles())
  const fields = schemas.all.flatMap((schema) =>
    schema.kind === 'record' ? schema.fields.map((field) => ({ name: `${schema.name}.${field.name}`, field })) : [],
  )

  it('say of every field what it means and where it comes from', () => {
    for (const { name, field } of fields) assert.match(field.doc, /\. Source: .+\.$|^.+ Source: .+\.$/, name)
    for (const schema of schemas.all) assert.notEqual(schema.doc, '', schema.name)
  })

  it('give every enum the symbol UNKNOWN first, as its default', () => {
    for (const schema of schemas.all) {
      if (schema.kind !== 'enum') continue
      assert.equal(schema.symbols[0], 'UNKNOWN', schema.name)
      assert.equal(schema.default, 'UNKNOWN', schema.name)
    }
  })

  it('write an optional field as a union that begins with null, with the default null', () => {
    for (const { name, field } of fields) {
      if (field.type.kind !== 'union') continue
      const [first] = field.type.branches
      assert.ok(first?.kind === 'primitive' && first.name === 'null', name)
      assert.equal(field.default, null, name)
    }
  })

  it('name the record of each topic, and no record without a topic', () => {
    assert.deepEqual(
      [...schemas.top.keys()].sort(),
      Object.values(RECORD_OF_TOPIC)
        .map((name) => `eunomia.${name}`)
        .sort(),
    )
    assert.equal(subjectOf('alerts'), 'eunomia.alerts.v1-value')
  })
})

describe('schema ids', () => {
  it('are fixed from 1,000,000,001 on, each for one version only', () => {
    const ids = SCHEMA_VERSIONS.map((version) => version.id)
    assert.equal(new Set(ids).size, ids.length)
    assert.equal(new Set(SCHEMA_VERSIONS.map(({ topic, version }) => `${topic} ${String(version)}`)).size, ids.length)
    for (const id of ids) assert.ok(id >= 1_000_000_001 && id < 2 ** 31)
    assert.equal(fixedIdOf('process'), 1_000_000_001)
    assert.equal(fixedIdOf('deadletter'), 1_000_000_007)
  })

  it('go up to the current version of each topic', () => {
    for (const topic of TOPIC_KEYS) {
      const versions = SCHEMA_VERSIONS.filter((each) => each.topic === topic).map((each) => each.version)
      assert.deepEqual(
        versions,
        versions.map((_, index) => index + 1),
      )
      assert.equal(versions.at(-1), CURRENT_VERSION[topic])
      assert.ok(RELEASED_VERSION[topic] <= CURRENT_VERSION[topic])
    }
  })
})

describe('stored versions', () => {
  it('hold what the schema files say as the current version', () => {
    assert.deepEqual(unstoredTopics(currentSchemas(), storedSchemas()), [])
  })

  it('are fully compatible with each other, every pair of a topic', () => {
    assert.deepEqual(versionFaults(storedSchemas()), [])
  })

  it('are self-contained: they define every name that they use', () => {
    for (const { schema } of storedSchemas()) assert.equal(schema.kind, 'record')
  })
})
