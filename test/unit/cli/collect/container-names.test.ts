// Names of containers for a filter, within a bound.
import assert from 'node:assert/strict'
import { ContainerNames } from '../../../../cli/collect/container-names.js'

describe('names of containers', () => {
  it('are told by id, the latest counts', () => {
    const names = new ContainerNames()
    names.learn('a', 'web')
    names.learn('a', 'api')
    assert.equal(names.nameOf('a'), 'api')
    assert.equal(names.nameOf('b'), undefined)
  })

  it('are forgotten at the bound, the first one first, and counted; that is told once', () => {
    let told = 0
    const names = new ContainerNames(2, () => told++)
    for (const id of ['a', 'b', 'b', 'c', 'd']) names.learn(id, `name-${id}`)
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => names.nameOf(id)),
      [undefined, undefined, 'name-c'],
    )
    assert.equal(names.forgotten, 2)
    assert.equal(told, 1)
  })
})
