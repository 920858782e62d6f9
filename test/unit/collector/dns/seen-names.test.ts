// Names of addresses: which answers count, for how long, and how many are stored.
import assert from 'node:assert/strict'
import { SeenNames } from '../../../../collector/dns/seen-names.js'
import type { DnsMessage } from '../../../../schemas/generated/types.js'

const S = 1_000_000

function answer(questionName: string, value: string, ttlSeconds = 3600, type = 1): DnsMessage {
  const answers = [{ name: 'alias.example', type, ttlSeconds, value }]
  return { isResponse: true, questionName, questionType: type, responseCode: 0, answers, answersTruncated: false }
}

describe('names seen in DNS answers', () => {
  it('are those of the questions, the last one for each address', () => {
    const names = new SeenNames()
    names.learn('', answer('old.example', '192.0.2.1'), 0)
    names.learn('', answer('new.example', '192.0.2.1'), 0)
    names.learn('', answer('six.example', '2001:db8::1', 3600, 28), 0)
    assert.deepEqual(
      ['192.0.2.1', '2001:db8::1', '192.0.2.2'].map((address) => names.nameOf('', address, S)),
      ['new.example', 'six.example', null],
    )
  })

  it('are known only in the container that received the answer', () => {
    const names = new SeenNames()
    names.learn('a'.repeat(64), answer('inside.example', '192.0.2.1'), 0)
    assert.equal(names.nameOf('', '192.0.2.1', 0), null)
    assert.equal(names.nameOf('a'.repeat(64), '192.0.2.1', 0), 'inside.example')
  })

  it('are not learned from questions, from other records, or for the root', () => {
    const names = new SeenNames()
    names.learn('', { ...answer('asked.example', '192.0.2.1'), isResponse: false }, 0)
    names.learn('', answer('text.example', '192.0.2.1', 60, 16), 0)
    names.learn('', answer('', '192.0.2.1'), 0)
    assert.equal(names.size, 0)
  })

  it('expire after the TTL of the answer, but at least five minutes and at most a day', () => {
    const names = new SeenNames()
    names.learn('', answer('short.example', '192.0.2.1', 0), 0)
    names.learn('', answer('hour.example', '192.0.2.2', 3600), 0)
    names.learn('', answer('long.example', '192.0.2.3', 4_000_000_000), 0)
    const at = (seconds: number): (string | null)[] =>
      ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => names.nameOf('', address, seconds * S))
    assert.deepEqual(at(300), ['short.example', 'hour.example', 'long.example'])
    assert.deepEqual(at(301), [null, 'hour.example', 'long.example'])
    assert.deepEqual(at(86_401), [null, null, null])
  })

  it('beyond the bound are evicted, oldest first, and counted', () => {
    const names = new SeenNames(3)
    for (let index = 1; index <= 5; index++) names.learn('', answer(`n${String(index)}.example`, `192.0.2.${String(index)}`), 0)
    assert.deepEqual([names.size, names.evicted], [3, 2])
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((index) => names.nameOf('', `192.0.2.${String(index)}`, 0)),
      [null, null, 'n3.example', 'n4.example', 'n5.example'],
    )
  })
})
