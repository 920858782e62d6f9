import assert from 'node:assert/strict'
import { OwnCgroups } from '../../../../../collector/containers/cgroups/own-cgroups.js'

describe('OwnCgroups', () => {
  it('gives the innermost owner at or above a path, and none for paths that only begin alike', () => {
    const own = new OwnCgroups()
    own.add('v2', '/docker/a', 'A')
    own.add('v2', '/docker/a/docker/b', 'B')
    assert.deepEqual(own.innermost('v2', '/docker/a'), { containerId: 'A', path: '/docker/a' })
    assert.deepEqual(own.innermost('v2', '/docker/a/x/y'), { containerId: 'A', path: '/docker/a' })
    assert.deepEqual(own.innermost('v2', '/docker/a/docker/b/x'), { containerId: 'B', path: '/docker/a/docker/b' })
    for (const path of ['/', '/docker', '/docker/ab', '/docker/a b', '', 'docker/a']) assert.equal(own.innermost('v2', path), null)
  })

  it('keeps the hierarchies apart', () => {
    const own = new OwnCgroups()
    own.add('v2', '/docker/a', 'A')
    assert.equal(own.innermost('v1', '/docker/a'), null)
    assert.equal(own.ownerOf('v2', '/docker/a'), 'A')
  })

  it('gives a path to the first, and forgets all of a container', () => {
    const own = new OwnCgroups()
    assert.equal(own.add('v2', '/p', 'A'), true)
    assert.equal(own.add('v2', '/p', 'A'), false)
    assert.equal(own.add('v2', '/p', 'B'), false)
    own.add('v1', '/q', 'A')
    own.forget('B')
    assert.equal(own.ownerOf('v2', '/p'), 'A')
    own.forget('A')
    assert.equal(own.ownerOf('v2', '/p'), null)
    assert.equal(own.ownerOf('v1', '/q'), null)
  })
})
