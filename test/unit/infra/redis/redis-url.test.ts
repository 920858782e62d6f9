import assert from 'node:assert/strict'
import { maskedUrl } from '../../../../infra/config/masked.js'
import { parseRedisUrl, REDIS_URL_PATTERN } from '../../../../infra/redis/redis-url.js'

describe('URL of Redis', () => {
  it('identifies a server, a cluster, or a server behind sentinels', () => {
    const local = { host: '127.0.0.1', port: 6379 }
    const cases = [
      ['redis://127.0.0.1:6379', { kind: 'server', isTls: false, nodes: [local], db: 0 }],
      ['redis://127.0.0.1', { kind: 'server', nodes: [local], address: '127.0.0.1:6379' }],
      ['rediss://u:p%40ss@[::1]:7000/3', { kind: 'server', isTls: true, username: 'u', password: 'p@ss', db: 3, address: '[::1]:7000' }],
      ['redis://:only@h', { kind: 'server', password: 'only', address: 'h:6379' }],
      [
        'redis-cluster://h1,h2:7001',
        {
          kind: 'cluster',
          nodes: [
            { host: 'h1', port: 6379 },
            { host: 'h2', port: 7001 },
          ],
        },
      ],
      ['rediss-cluster://u:p@h1:7000', { kind: 'cluster', isTls: true, username: 'u', password: 'p', address: 'h1:7000' }],
      ['redis-sentinel://s1,s2:9/main', { kind: 'sentinel', masterName: 'main', db: 0, address: 's1:26379,s2:9' }],
      ['rediss-sentinel://:p@s1/main/2', { kind: 'sentinel', isTls: true, password: 'p', masterName: 'main', db: 2 }],
    ] as const
    for (const [url, expected] of cases) {
      const place = parseRedisUrl(url)
      assert.deepEqual({ ...place, ...expected }, place, url)
      assert.match(url, new RegExp(REDIS_URL_PATTERN))
    }
  })

  it('is refused for anything else', () => {
    for (const url of [
      'http://h',
      'redis://h1,h2',
      'redis-sentinel://h',
      'redis-cluster://h/1',
      'redis://h/x',
      'redis://h:99999',
      'redis-cluster://h1,',
    ])
      assert.equal(parseRedisUrl(url), null, url)
  })

  it('never shows a password, wherever it is and whatever it contains', () => {
    for (const login of ['u:s3cret', ':s3cret', 'u:s3cret,x', 'u:s3cret@y']) {
      for (const rest of ['redis://LOGIN@h:1/0', 'redis-cluster://LOGIN@h1:1,h2:2', 'rediss-sentinel://LOGIN@h1:1,h2:2/main']) {
        const url = rest.replace('LOGIN', login)
        assert.doesNotMatch(maskedUrl(url), /s3cret/)
        assert.doesNotMatch(parseRedisUrl(url)?.address ?? '', /s3cret/)
      }
    }
    assert.equal(maskedUrl('redis-cluster://u:s3cret@h1:1,h2:2'), 'redis-cluster://u:********@h1:1,h2:2')
    assert.equal(maskedUrl('redis-cluster://h1:1,h2:2'), 'redis-cluster://h1:1,h2:2')
  })
})
