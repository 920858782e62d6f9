import assert from 'node:assert/strict'
import fc from 'fast-check'
import { resolveNamespacePath } from '../../../../../collector/containers/cgroup-path/resolve-namespace-path.js'

describe('resolveNamespacePath', () => {
  const cases: readonly (readonly [string, string, string | null])[] = [
    ['/docker/x', '/', '/docker/x'],
    ['/docker/x', '', '/docker/x'],
    ['/docker/x', '/init.scope', '/docker/x/init.scope'],
    ['/docker/x', '/../y', '/docker/y'],
    ['/docker/x', '/../../init.scope', '/init.scope'],
    ['/docker/x', '/../..', '/'],
    ['/docker/x', '/../../../init.scope', null],
    ['/', '/a', '/a'],
    ['/', '/../a', null],
    ['', '/../a', null],
    ['/docker/x', '/a/../b', null],
    ['/docker/x', '/..a', '/docker/x/..a'],
  ]
  for (const [prefix, path, resolved] of cases) {
    it(`makes ${resolved} of ${path || '(empty)'} seen from ${prefix || '(empty)'}`, () =>
      assert.equal(resolveNamespacePath(prefix, path), resolved))
  }

  it('finds every path from every place, written as the kernel writes it', () => {
    const parts = fc.array(fc.constantFrom('a', 'b', 'c', '..d'), { maxLength: 5 })
    fc.assert(
      fc.property(parts, parts, (from, to) => {
        let common = 0
        while (common < from.length && common < to.length && from[common] === to[common]) common++
        const shown = [...from.slice(common).map(() => '..'), ...to.slice(common)]
        assert.equal(resolveNamespacePath(`/${from.join('/')}`, `/${shown.join('/')}`), `/${to.join('/')}`)
      }),
    )
  })
})
