import assert from 'node:assert/strict'
import { hashTagOf } from '../../../../infra/redis/redis.js'

describe('infra/redis/redis', () => {
  // https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
  for (const [key, tag] of [
    ['{user1000}.following', 'user1000'],
    ['foo{}{bar}', 'foo{}{bar}'],
    ['foo{{bar}}zap', '{bar'],
    ['foo{bar}{zap}', 'bar'],
    ['foo}{bar}', 'bar'],
    ['foo{bar', 'foo{bar'],
    ['{}x{y}', '{}x{y}'],
    ['a\n{b\nc}', 'b\nc'],
  ] as const)
    it(`groups commands by the hash tag of Redis (${JSON.stringify(key)})`, () => {
      assert.equal(hashTagOf(['GET', key]), tag)
      assert.equal(hashTagOf(['EVALSHA', 'sha', '1', key]), tag)
    })
})
