import assert from 'node:assert/strict'
import { KnownContainers } from '../../../../collector/containers/known-containers.js'
import { FakeRuntime } from '../../../support/fakes/fake-runtime.js'

describe('KnownContainers', () => {
  const runtime = new FakeRuntime()

  it('refuses and counts containers over its bound; removed ones are not included', () => {
    const known = new KnownContainers({ maxContainers: 2, maxRemovedContainers: 10 }, () => undefined)
    const a = known.ensure('a', runtime)
    assert.ok(a !== null)
    assert.ok(known.ensure('b', runtime))
    assert.equal(known.ensure('c', runtime), null)
    assert.equal(known.refused, 1)
    known.markRemoved(a)
    assert.ok(known.ensure('c', runtime))
    assert.equal(known.size, 2)
    assert.equal(known.ensure('a', runtime), a)
  })

  it('stores removed ones up to a bound, and reports the dropped one', () => {
    const forgotten: string[] = []
    const known = new KnownContainers({ maxContainers: 10, maxRemovedContainers: 2 }, (id) => forgotten.push(id))
    for (const id of ['a', 'b', 'c']) {
      const container = known.ensure(id, runtime)
      assert.ok(container !== null)
      known.markRemoved(container)
    }
    assert.deepEqual(forgotten, ['a'])
    assert.equal(known.get('a'), undefined)
    assert.equal(known.get('b')?.state, 'removed')
  })
})
