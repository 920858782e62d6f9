import assert from 'node:assert/strict'
import type { PathPattern } from '../../../../infra/watch-plan/watch-plan.js'
import { PathMatcher } from '../../../../collector/watch/path-verdicts.js'

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1')

describe('PathMatcher', () => {
  for (const [kind, text, fits, fitsNot] of [
    ['path', '/etc/shadow', ['/etc/shadow'], ['/etc/shadow-', '/etc/shado', '/x/etc/shadow']],
    ['prefix', '/etc', ['/etc', '/etc/x', '/etcetera'], ['/et', '/usr/etc']],
    ['suffix', '.so', ['/lib/a.so', '.so'], ['/lib/a.so.1', 'so']],
    ['part', '/.ssh/', ['/root/.ssh/id'], ['/root/.ssh']],
    ['glob', '/proc/[0-9]*/mem', ['/proc/1/mem', '/proc/1/task/2/mem'], ['/proc/self/mem', '/proc/1/mem2']],
    ['name', 'id_rsa', ['/a/id_rsa', 'id_rsa'], ['/id_rsa/x', '/a/my_id_rsa']],
  ] as const) {
    it(`compares a ${kind}`, () => {
      const matcher = new PathMatcher([{ kind, text }])
      for (const path of fits) assert(matcher.matches(path), path)
      for (const path of fitsNot) assert(!matcher.matches(path), path)
    })
  }

  it('compares bytes: a path may be invalid UTF-8', () => {
    const pattern: PathPattern = { kind: 'suffix', text: 'é' }
    assert(new PathMatcher([pattern]).matches(Buffer.from([0x2f, 0xff, 0xc3, 0xa9]).toString('latin1')))
    assert(!new PathMatcher([pattern]).matches(Buffer.from([0x2f, 0xa9]).toString('latin1')))
  })
  it('ignores the case of ASCII letters where the pattern says so, and matches any path with other letters', () => {
    const matcher = new PathMatcher([{ kind: 'part', text: 'passwd', ignoresCase: true }])
    assert(matcher.matches(bytesOf('/etc/PassWd')) && matcher.matches(bytesOf('/é')) && !matcher.matches(bytesOf('/etc/group')))
  })

  it('matches when one pattern matches, and never without patterns', () => {
    const two = new PathMatcher([
      { kind: 'path', text: '/a' },
      { kind: 'name', text: 'b' },
    ])
    assert(two.matches(bytesOf('/a')) && two.matches(bytesOf('/x/b')) && !two.matches(bytesOf('/c')))
    assert(!new PathMatcher([]).matches(bytesOf('/a')))
  })
})
