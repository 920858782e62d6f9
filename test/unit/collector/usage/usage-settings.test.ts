import assert from 'node:assert/strict'
import { parseUsageChange } from '../../../../collector/usage/usage-settings.js'
import { ConfigError } from '../../../../infra/config/setting-value.js'

describe('settings of aggregates from JSON', () => {
  it('have the named values, and nothing else', () => {
    assert.deepEqual(parseUsageChange({}), {})
    assert.deepEqual(parseUsageChange({ intervalMs: 100 }), { intervalMs: 100 })
    const all = { intervalMs: 3_600_000, pids: [1, 4_194_304], containers: ['web', 'x'.repeat(255)] }
    assert.deepEqual(parseUsageChange(all), all)
    assert.deepEqual(parseUsageChange({ pids: [], containers: [] }), { pids: [], containers: [] })
  })

  for (const [what, json, said] of [
    ['no object', [], /^usage: must be an object with intervalMs, pids, containers$/],
    ['nothing', null, /must be an object/],
    ['a name that there is not', { interval: 5 }, /no setting "interval"; did you mean intervalMs\?/],
    ['a setting that a running collector does not change', { maxEntries: 64 }, /no setting "maxEntries"/],
    ['a name of every object', JSON.parse('{"__proto__": {"pids": [1]}}'), /no setting "__proto__"/],
    ['an interval below the least', { intervalMs: 99 }, /intervalMs must be a whole number, 100 to 3600000 \(ms\), found 99/],
    ['an interval above the most', { intervalMs: 3_600_001 }, /100 to 3600000/],
    ['a part of a millisecond', { intervalMs: 100.5 }, /found 100\.5/],
    ['no list', { pids: 1 }, /pids must be a list of whole numbers above 0, at most 256, found 1/],
    ['a process that there can not be', { pids: [0] }, /found \["0"\]/],
    ['a list in a list', { pids: [[5]] }, /found \[\[5\]\]/],
    ['a number with an exponent', { pids: [1e21] }, /found \["1e\+21"\]/],
    ['a container without a name', { containers: [''] }, /containers must be a list of texts of 1 to 255 characters, at most 256/],
    ['a container with a name that is too long', { containers: ['x'.repeat(256)] }, /1 to 255/],
    ['more processes than there is room for', { pids: Array(257).fill(1) }, /at most 256/],
    ['more containers than there is room for', { containers: Array(257).fill('a') }, /at most 256/],
  ] as const) {
    it(`that are ${what} are refused with what was expected`, () => {
      assert.throws(
        () => parseUsageChange(json),
        (error) => error instanceof ConfigError && said.test(error.message),
      )
    })
  }

  it('report all mistakes at once, up to a bound', () => {
    const mistakesOf = (json: unknown): number => {
      try {
        parseUsageChange(json)
      } catch (error) {
        if (error instanceof ConfigError) return error.mistakes.length
      }
      return 0
    }
    assert.equal(mistakesOf({ intervalMs: 1, pids: ['x'], containers: [1] }), 3)
    assert.equal(mistakesOf(Object.fromEntries(Array.from({ length: 10_000 }, (_none, index) => [`x${String(index)}`, 1]))), 4)
  })
})
