// Our schemas in a real registry: ids from it, records framed with them, and its refusal of an incompatible version.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { startRegistry } from '../../../infra/local/registry-service.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { TOPIC_KEYS, type TopicKey } from '../../../infra/topic-log/topics.js'
import { Codec } from '../../../schemas/codec.js'
import { RegistryClient } from '../../../schemas/registry/registry-client.js'
import { SchemaIncompatibleError } from '../../../schemas/registry/registry-http.js'
import { checkSchemas, listSchemas, registerSchemas } from '../../../schemas/registry/registration.js'
import { SchemaUnknownError } from '../../../schemas/record-errors.js'
import { currentSchemas } from '../../../schemas/schema-set.js'
import { readSchemaId } from '../../../schemas/wire-format.js'
import { sampleFileEvent } from '../../support/records/sample-records.js'
import { testServiceFolder } from '../../support/services/services.js'

describe('schemas and a registry', () => {
  const schemas = currentSchemas()
  let registry: RegistryClient
  let ids: Readonly<Record<TopicKey, number>>

  before(async () => {
    // One of its own: the shared one may have our subjects already.
    const service = await startRegistry({ stateFolder: join(await testServiceFolder('registry-test'), 'registry') }, SILENT_LOGGER)
    registry = new RegistryClient({ url: service.address })
    const standings = await checkSchemas(registry, schemas)
    assert.deepEqual(new Set(standings.map(({ state }) => state)), new Set(['missing']))
    ids = await registerSchemas(registry, schemas)
  })

  it('registers the schema of every topic under its subject, and finds them again', async () => {
    assert.deepEqual(
      (await checkSchemas(registry, schemas)).map(({ topic, state, id }) => ({ topic, state, id })),
      TOPIC_KEYS.map((topic) => ({ topic, state: 'same', id: ids[topic] })),
    )
    assert.deepEqual(await registerSchemas(registry, schemas), ids)
  })

  it('keeps registered ids apart from the fixed ones', () => {
    for (const { topic, fixedId } of listSchemas()) assert.ok(ids[topic] < 1_000_000_001 && fixedId > 1_000_000_000)
  })

  it('writes a record with an id of the registry, and reads it by that id', async () => {
    const value = new Codec({ ids }).encode('file', sampleFileEvent())
    assert.equal(readSchemaId(value, 0, value.length, 'file'), ids.file)
    const reader = new Codec({ source: registry })
    assert.throws(() => reader.decode('file', value), SchemaUnknownError)
    await reader.learn(ids.file)
    assert.deepEqual(reader.decode('file', value), sampleFileEvent())
  })

  it('lists the ids that are registered for a topic', async () => {
    assert.deepEqual(await registry.listIds('file'), new Set([ids.file]))
  })

  it('reports an unknown id', async () => {
    await assert.rejects(registry.fetchSchema(999_999), SchemaUnknownError)
  })

  it('enforces FULL_TRANSITIVE on our subjects: the registry and our own check refuse an incompatible version', async () => {
    const file = schemas.get('file')
    assert.ok(file !== undefined)
    const json = file.json as { fields: { name: string }[] }
    const without = { ...json, fields: json.fields.filter((field) => field.name !== 'flags') }
    await assert.rejects(registry.register('eunomia.file.v1-value', without), SchemaIncompatibleError)
    const broken = new Map([
      [
        'file' as const,
        { ...file, json: without, schema: { ...file.schema, fields: file.schema.fields.filter(({ name }) => name !== 'flags') } },
      ],
    ])
    const [standing] = await checkSchemas(registry, broken)
    assert.equal(standing?.state, 'incompatible')
    assert.ok(
      standing.reasons.some((reason) => /field flags/.test(reason)),
      standing.reasons.join('; '),
    )
  })

  it('accepts a compatible version', async () => {
    const file = schemas.get('file')
    assert.ok(file !== undefined)
    const json = file.json as { fields: unknown[] }
    const more = { ...json, fields: [...json.fields, { name: 'more', type: ['null', 'string'], default: null }] }
    assert.equal((await registry.isCompatible('eunomia.file.v1-value', more)).isCompatible, true)
  })

  it('accepts an unknown subject', async () => {
    const subject = `t${randomUUID()}-value`
    assert.equal(await registry.latest(subject), null)
    assert.deepEqual(await registry.isCompatible(subject, { type: 'record', name: 'R', fields: [] }), { isCompatible: true, messages: [] })
  })
})
