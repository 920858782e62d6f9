// Why a condition holds or not: each node's verdict, what it read, what was not evaluated. The verdict always equals the evaluator's.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { explainVerdict, MAX_EXPLAINED_NODES, type VerdictNode } from '../../../../../processors/rule-engine/evaluate/explain-verdict.js'
import { FieldMapSource } from '../../../../../processors/rule-engine/evaluate/field-map.js'
import type { FieldSource } from '../../../../../processors/rule-engine/fields/field-source.js'
import { prepareExpression } from '../../../../../processors/rule-engine/evaluate/prepare.js'
import { UNKNOWN } from '../../../../../processors/rule-engine/fields/field-value.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'

/** An event whose named fields are not known yet. */
class WaitingSource implements FieldSource {
  readonly #known: FieldMapSource
  readonly #waiting: readonly string[]
  constructor(known: Readonly<Record<string, unknown>>, waiting: readonly string[]) {
    this.#known = new FieldMapSource(known)
    this.#waiting = waiting
  }
  value(field: Parameters<FieldSource['value']>[0]): ReturnType<FieldSource['value']> {
    return this.#waiting.includes(field.key) ? UNKNOWN : this.#known.value(field)
  }
}

function explain(text: string, source: FieldSource): VerdictNode {
  const tree = parseCondition(text)
  const { expression } = compileCondition(tree)
  assert.ok(expression !== null, text)
  return explainVerdict(tree, expression, source)
}
const childrenOf = (node: VerdictNode): readonly VerdictNode[] => (node.kind === 'check' ? [] : node.children)

describe('the explanation of a verdict', () => {
  it('has the verdict of each node and the values that each check read', () => {
    const node = explain('proc.name = cat and (fd.name exists or proc.pid > 5)', new FieldMapSource({ 'proc.name': 'cat', 'proc.pid': 7 }))
    assert.equal(node.verdict, true)
    const [name, group] = childrenOf(node)
    assert.ok(name?.kind === 'check' && group !== undefined)
    assert.deepEqual(name.read, [{ field: 'proc.name', state: 'present', values: ['cat'] }])
    assert.deepEqual(
      childrenOf(group).map((child) => [child.verdict, child.kind === 'check' ? child.read[0]?.state : null]),
      [
        [false, 'absent'],
        [true, 'present'],
      ],
    )
  })

  it('marks what was not evaluated: after a false in `and`, after a true in `or`, and everything below', () => {
    const node = explain('proc.name = x and (proc.pid = 1 or proc.pid = 2)', new FieldMapSource({ 'proc.name': 'cat', 'proc.pid': 1 }))
    const [name, group] = childrenOf(node)
    assert.ok(group !== undefined)
    assert.deepEqual([name?.isAsked, group.isAsked, ...childrenOf(group).map((child) => child.isAsked)], [true, false, false, false])
    const settled = childrenOf(explain('proc.pid = 1 or proc.pid = 2', new FieldMapSource({ 'proc.pid': 1 })))
    assert.deepEqual(
      settled.map((child) => child.isAsked),
      [true, false],
    )
  })

  it('continues after an unknown, which settles nothing', () => {
    const source = new WaitingSource({ 'proc.name': 'cat' }, ['container.name'])
    const node = explain('container.name = web and proc.name = dog', source)
    assert.equal(node.verdict, false)
    assert.deepEqual(
      childrenOf(node).map((child) => [child.verdict, child.isAsked]),
      [
        [null, true],
        [false, true],
      ],
    )
  })

  it('names the values of a list that matched', () => {
    const node = explain('fd.name startswith anyof (/etc, /var, /etc/sh)', new FieldMapSource({ 'fd.name': '/etc/shadow' }))
    assert.ok(node.kind === 'check')
    assert.deepEqual(node.matching, ['/etc', '/etc/sh'])
  })

  it('shows addresses, large numbers and text as people write them', () => {
    const read = (text: string, fields: Readonly<Record<string, unknown>>): unknown => {
      const node = explain(text, new FieldMapSource(fields))
      return node.kind === 'check' ? node.read[0]?.values : null
    }
    assert.deepEqual(read('fd.sip = 10.0.0.1', { 'fd.sip': '10.0.0.2' }), ['10.0.0.2'])
    assert.deepEqual(read('evt.rawtime > 5', { 'evt.rawtime': '18446744073709551615' }), ['18446744073709551615'])
    assert.deepEqual(read('fd.name = x', { 'fd.name': '/tmp/ä' }), ['/tmp/ä'])
    assert.deepEqual(read('proc.aname = x', { 'proc.aname': ['sh', 'init'] }), ['sh', 'init'])
  })

  it('is cut at its bound, with the right verdict', () => {
    const many = Array.from({ length: MAX_EXPLAINED_NODES }, (_, index) => `proc.pid = ${String(index)}`).join(' or ')
    const node = explain(`(${many}) and proc.name = cat`, new FieldMapSource({ 'proc.pid': 7, 'proc.name': 'cat' }))
    assert.equal(node.verdict, true)
    const [cut] = childrenOf(node)
    assert.ok(cut !== undefined && cut.kind !== 'check')
    assert.deepEqual([cut.isCut, cut.verdict, cut.children.length], [true, true, 0])
  })

  it('always has the verdict of the evaluator', () => {
    const fields = ['proc.name', 'fd.name', 'container.name']
    const leaf = fc
      .tuple(fc.constantFrom(...fields), fc.constantFrom('= a', '!= a', 'exists', 'in (a, b)', 'startswith a'))
      .map((parts) => parts.join(' '))
    const { condition } = fc.letrec<{ condition: string }>((tie) => ({
      condition: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        tie('condition').map((inner) => `not (${inner})`),
        fc
          .tuple(fc.constantFrom(' and ', ' or '), fc.array(tie('condition'), { minLength: 2, maxLength: 3 }))
          .map(([word, parts]) => `(${parts.join(word)})`),
      ),
    }))
    const values = fc.dictionary(fc.constantFrom(...fields), fc.constantFrom('a', 'b', 'ab'))
    fc.assert(
      fc.property(condition, values, fc.subarray(fields), (text, known, waiting) => {
        const source = new WaitingSource(known, waiting)
        const { expression } = compileCondition(parseCondition(text))
        assert.ok(expression !== null)
        assert.equal(explain(text, source).verdict, prepareExpression(expression)(source))
      }),
      { numRuns: 500 },
    )
  })
})
