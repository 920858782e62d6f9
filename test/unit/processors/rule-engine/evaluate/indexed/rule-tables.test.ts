// The set of rules that are candidates for an event.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RuleNumbers } from '../../../../../../processors/rule-engine/evaluate/indexed/rule-tables.js'

function membersOf(numbers: RuleNumbers): number[] {
  const members: number[] = []
  for (let number = numbers.next(0); number >= 0; number = numbers.next(number + 1)) members.push(number)
  return members
}

describe('numbers of rules', () => {
  it('come back in order, each once, also of several sets together', () => {
    const size = 100
    const members = fc.array(fc.nat(size - 1))
    fc.assert(
      fc.property(members, members, (first, second) => {
        const [a, b] = [new RuleNumbers(size), new RuleNumbers(size)]
        for (const number of first) a.add(number)
        for (const number of second) b.add(number)
        const sorted = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((x, y) => x - y)
        assert.deepEqual(membersOf(a), sorted(first))
        a.join(b)
        assert.deepEqual(membersOf(a), sorted([...first, ...second]))
        b.become(a)
        assert.deepEqual(membersOf(b), membersOf(a))
      }),
    )
  })

  it('are none where no rule is', () => assert.deepEqual(membersOf(new RuleNumbers(0)), []))
})
