// Masks of numbers against the checks themselves.
import assert from 'node:assert/strict'
import { RowPlaces, hasBit, setBit, wordsFor } from '../../../../../processors/rule-engine/compiled/bit-rows.js'
import { NumberMasks } from '../../../../../processors/rule-engine/compiled/number-masks.js'
import type { BoundCheck } from '../../../../../processors/rule-engine/compile/bound-tree.js'
import { resultOf } from '../../../../../infra/waiting/steps.js'
import { boundCondition } from '../../../../support/rules/bound-condition.js'

const ROW = 37

function check(text: string): BoundCheck {
  const bound = boundCondition(text)
  assert.ok(bound.kind === 'comparison' || bound.kind === 'exists')
  return bound
}

function isLeft(required: readonly string[], excluded: readonly string[], values: readonly unknown[]): boolean {
  const tested = new Uint32Array(wordsFor(64))
  setBit(tested, ROW)
  const tests = [{ row: ROW, required: required.map((text) => [check(text)]), excluded: excluded.map(check) }]
  const masks = resultOf(NumberMasks.build(new RowPlaces(tested), tests))
  const alive = new Uint32Array(wordsFor(64)).fill(0xffffffff)
  masks.begin()
  for (const value of values) masks.add(value)
  masks.narrow(alive)
  assert.ok(hasBit(alive, ROW + 1), 'a row that does not test the operand')
  return hasBit(alive, ROW)
}

describe('masks of numbers', () => {
  const CASES: readonly (readonly [
    required: readonly string[],
    excluded: readonly string[],
    values: readonly unknown[],
    isLeft: boolean,
  ])[] = [
    [['proc.pid = 7'], [], [7], true],
    [['proc.pid = 7'], [], [8], false],
    [['proc.pid in (7, 9)'], [], [9], true],
    [['proc.pid in (7, 9)'], [], [8], false],
    [['proc.pid > 7', 'proc.pid < 9'], [], [8], true],
    [['proc.pid > 7', 'proc.pid < 9'], [], [7], false],
    [['proc.pid > 7', 'proc.pid < 9'], [], [9], false],
    [['proc.pid >= 7'], [], [7], true],
    [['proc.pid != 7'], [], [7], false],
    [['proc.pid < -1'], [], [-2], true],
    [['proc.pid < -1'], [], [-1], false],
    [[], ['proc.pid = 7'], [7], false],
    [[], ['proc.pid = 7'], [6], true],
    [['proc.pid exists'], [], [1e15], true],
    [['proc.is_exe_writable = true'], [], [true], true],
    [['proc.is_exe_writable = true'], [], [false], false],
    [['proc.is_exe_writable = true'], [], [1], true],
    // One member of several is enough.
    [['proc.apid = 7'], [], [1, 7], true],
    [['proc.apid = 7'], [], [1, 8], false],
    // What is no plain number decides nothing.
    [['proc.pid = 7'], [], [8n], true],
    [['proc.pid = 7'], [], [NaN], true],
  ]
  for (const [required, excluded, values, expected] of CASES)
    it(`${required.join(' and ')} ${excluded.map((one) => `not ${one}`).join()} with ${values.map(String).join()}: ${expected ? 'left' : 'removed'}`, () => {
      assert.equal(isLeft(required, excluded, values), expected)
    })

  it('are built in short steps, however many numbers the rules name', () => {
    const rows = [...Array(500).keys()]
    const tested = new Uint32Array(wordsFor(rows.length))
    for (const row of rows) setBit(tested, row)
    const tests = rows.map((row) => ({ row, required: [[check(`proc.pid = ${String(row)}`)]], excluded: [] }))
    let steps = 0
    const building = NumberMasks.build(new RowPlaces(tested), tests)
    while (building.next().done !== true) steps++
    assert.ok(steps >= 10, String(steps))
  })
})
