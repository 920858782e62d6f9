import assert from 'node:assert/strict'
import { digestOf, splitImage } from '../../../../../collector/containers/facts/container-facts.js'

const HEX = 'ab'.repeat(32)
const DIGEST = `sha256:${HEX}`

describe('splitImage', () => {
  const cases: readonly (readonly [string, string | null, string | null, string | null])[] = [
    ['nginx', 'nginx', 'latest', null],
    ['nginx:1.27', 'nginx', '1.27', null],
    ['library/nginx:1.27', 'library/nginx', '1.27', null],
    ['registry.example.com:5000/team/app', 'registry.example.com:5000/team/app', 'latest', null],
    ['registry.example.com:5000/team/app:v1', 'registry.example.com:5000/team/app', 'v1', null],
    ['localhost:5000/app', 'localhost:5000/app', 'latest', null],
    [`nginx@${DIGEST}`, 'nginx', null, DIGEST],
    [`registry:5000/a/b:v2@${DIGEST}`, 'registry:5000/a/b', 'v2', DIGEST],
    [DIGEST, null, null, null],
    [HEX, null, null, null],
    [HEX.slice(0, 12), null, null, null],
    ['deadbeef', 'deadbeef', 'latest', null], // hex digits, but not those of the image
    ['', null, null, null],
    ['nginx:', 'nginx:', 'latest', null], // no tag: unchanged
    ['nginx@sha256:12', 'nginx@sha256:12', 'latest', null],
  ]
  for (const [image, repository, tag, digest] of cases) {
    it(`splits ${image || '(empty)'}`, () => assert.deepEqual(splitImage(image, DIGEST), { repository, tag, digest }))
  }
})

describe('digestOf', () => {
  const other = `sha256:${'cd'.repeat(32)}`

  it('returns the digest of the requested repository, in any notation of its registry', () => {
    assert.equal(digestOf([`mirror:5000/nginx@${other}`, `nginx@${DIGEST}`], 'docker.io/library/nginx'), DIGEST)
    assert.equal(digestOf([`mirror:5000/nginx@${DIGEST}`, `nginx@${other}`], 'mirror:5000/nginx'), DIGEST)
  })

  it('returns none when only other repositories have one', () => assert.equal(digestOf([`mirror:5000/nginx@${other}`], 'nginx'), null))

  it('returns any for a bare id, and skips invalid digests', () => {
    assert.equal(digestOf([7, '@', 'x@y', `@${DIGEST}`, `nginx@${DIGEST}`], null), DIGEST)
    assert.equal(digestOf([], null), null)
  })
})
