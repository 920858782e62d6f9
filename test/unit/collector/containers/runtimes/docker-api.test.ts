import assert from 'node:assert/strict'
import { ownCgroupPaths } from '../../../../../collector/containers/runtimes/docker-api.js'

const ID = '5e'.repeat(32)

describe('ownCgroupPaths', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['the defaults of both drivers', '', [`/docker/${ID}`, `/system.slice/docker-${ID}.scope`]],
    ['a parent path', '/batch/jobs', [`/batch/jobs/${ID}`]],
    ['a relative parent', 'batch', [`/batch/${ID}`]],
    ['the root', '/', [`/${ID}`]],
    ['a slice', 'batch.slice', [`/batch.slice/docker-${ID}.scope`, `/batch.slice/${ID}`]],
    ['a slice in slices', 'a-b-c.slice', [`/a.slice/a-b.slice/a-b-c.slice/docker-${ID}.scope`, `/a-b-c.slice/${ID}`]],
    ['the root slice', '-.slice', [`/docker-${ID}.scope`, `/-.slice/${ID}`]],
    ['a parent that climbs', '/a/../../b', []],
  ]
  for (const [what, parent, paths] of cases) it(`returns the paths for ${what}`, () => assert.deepEqual(ownCgroupPaths(ID, parent), paths))
})
