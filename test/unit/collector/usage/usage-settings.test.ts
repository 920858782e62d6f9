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
    ['no object', [], /^usage: it must be an object, found \[\]$/],
    ['nothing', null, /it must be an object, found null/],
    ['a name that there is not', { interval: 5 }, /it has no field "interval"; did you mean intervalMs\?/],
    ['a setting that a running collector does not change', { maxEntries: 64 }, /it has no field "maxEntries"; its fields are/],
    ['a name of every object', JSON.parse('{"__proto__": {"pids": [1]}}'), /no field "__proto__"/],
    ['an interval below the least', { intervalMs: 99 }, /intervalMs must be a whole number from 100 to 3600000, found 99/],
    ['an interval above the most', { intervalMs: 3_600_001 }, /100 to 3600000/],
    ['a part of a millisecond', { intervalMs: 100.5 }, /found 100\.5/],
    ['no list', { pids: 1 }, /pids must be a list of at most 256, found 1/],
    ['a process that there can not be', { pids: [1, 0] }, /pids\[1\] must be a whole number from 1 to 4194304, found 0/],
    ['a list in a list', { pids: [[5]] }, /pids\[0\] must be a whole number .*, found \[5\]/],
    ['a number with an exponent', { pids: [1e21] }, /found 1e\+21/],
    ['a container without a name', { containers: [''] }, /containers\[0\] must be a text of 1 to 255 characters, found ""/],
    ['a container with a name that is too long', { containers: ['x'.repeat(256)] }, /1 to 255/],
    ['more processes than there is room for', { pids: Array(257).fill(1) }, /at most 256/],
    ['more containers than there is room for', { containers: Array(257).fill('a') }, /at most 256/],
    ['far more processes', { pids: Array(100_000).fill(1) }, /too many fields and items/],
    ['lists in lists without end', JSON.parse(`{"pids":${'['.repeat(20_000)}${']'.repeat(20_000)}}`), /nested too deeply/],
  ] as const) {
    it(`that are ${what} are refused with what was expected`, () => {
      assert.throws(
        () => parseUsageChange(json),
        (error) => error instanceof ConfigError && said.test(error.message),
      )
    })
  }

  it('report one mistake of many', () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_none, index) => [`x${String(index)}`, 1]))
    assert.throws(
      () => parseUsageChange(many),
      (error) => error instanceof ConfigError && error.mistakes.length === 1 && /no field "x0"/.test(error.message),
    )
  })
})
