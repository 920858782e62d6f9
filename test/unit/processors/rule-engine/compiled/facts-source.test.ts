// Fields that are made of the facts of a container alone.
import assert from 'node:assert/strict'
import { FactsSource } from '../../../../../processors/rule-engine/compiled/facts-source.js'
import { FIELD_GROUPS, resolveField } from '../../../../../processors/rule-engine/fields/catalogue.js'
import { UNKNOWN, type FieldValue } from '../../../../../processors/rule-engine/fields/field-value.js'
import { sampleContainerFacts } from '../../../../support/records/sample-records.js'

function valueOf(name: string, argument: string | null = null): FieldValue {
  const field = resolveField(name, argument)
  assert.ok(!('problem' in field), name)
  return new FactsSource(sampleContainerFacts({ isPrivileged: true })).value(field)
}

describe('the facts of a container as a source', () => {
  it('has the fields of facts, and no others', () => {
    assert.equal(valueOf('container.privileged'), true)
    assert.equal(valueOf('container.image.repository'), 'registry.example/shop/web')
    assert.equal(valueOf('container.mount.source', '/data'), '/srv/data')
    assert.equal(valueOf('k8s.ns.name'), undefined)
    for (const name of ['proc.name', 'evt.type', 'container.id', 'container.duration', 'fd.name'])
      assert.equal(valueOf(name), UNKNOWN, name)
  })

  it('reads no field that needs the event', () => {
    for (const facts of [
      sampleContainerFacts(),
      sampleContainerFacts({ pod: { name: 'p', namespace: 'n', uid: 'u', containerName: 'c' } }),
    ]) {
      const source = new FactsSource(facts)
      for (const definition of FIELD_GROUPS.flatMap(([, fields]) => fields)) {
        for (const argument of [null, 0, 'app', '/data']) {
          const field = { definition, argument, type: definition.type, plurality: definition.plurality, key: definition.name }
          assert.doesNotThrow(() => source.value(field), definition.name)
        }
      }
    }
  })
})
