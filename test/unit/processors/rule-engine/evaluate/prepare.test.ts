// Facts of a container that are not known yet: a definite verdict must be the one that is reached when they are known, whatever they are.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compileCondition } from '../../../../../processors/rule-engine/compile/compile-condition.js'
import { RecordSource } from '../../../../../processors/rule-engine/fields/field-source.js'
import { prepareExpression } from '../../../../../processors/rule-engine/evaluate/prepare.js'
import type { Kleene } from '../../../../../processors/rule-engine/evaluate/kleene.js'
import type { ContainerKnowledge } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { parseCondition } from '../../../../../processors/rule-engine/language/parser.js'
import { sampleContainerFacts, sampleFileEvent } from '../../../../support/records/sample-records.js'

const ID = '4f1c0c5de2a94b7f9a3b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112'

function evaluate(condition: string, container: ContainerKnowledge): Kleene {
  const { expression } = compileCondition(parseCondition(condition))
  assert.ok(expression !== null, condition)
  return prepareExpression(expression)(new RecordSource({ event: { topic: 'file', record: sampleFileEvent() }, container }))
}

const CHECKS = [
  'container.image.repository = alpine',
  'container.image.repository != alpine',
  'container.image.repository in (alpine, busybox)',
  'container.image.tag exists',
  'container.name startswith web',
  'container.privileged = true',
  'container.privileged != true',
  'k8s.ns.name = kube-system',
  'container.mount.dest[/etc] exists',
  'len(container.name) > 3',
  'join("-", (proc.name, container.name)) = cat-web',
  'container.image.repository = val(container.name)',
  'container.name = oneof (web, db)',
  'container.id = 4f1c0c5de2a9',
  'container.id != host',
  'proc.name = cat',
  'proc.name = dog',
  'proc.pname exists',
]
const condition = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...CHECKS),
    fc.tuple(tie('node'), fc.constantFrom('and', 'or'), tie('node')).map(([left, word, right]) => `(${left} ${word} ${right})`),
    tie('node').map((inner) => `not (${inner})`),
  ),
})).node

const facts = fc
  .record({
    name: fc.constantFrom('web', 'db', 'alpine'),
    imageRepository: fc.constantFrom('alpine', 'busybox', null),
    imageTag: fc.constantFrom('1', null),
    isPrivileged: fc.boolean(),
    pod: fc.constantFrom(null, { name: 'p', namespace: 'kube-system', uid: null, containerName: null }),
    mounts: fc.constantFrom([], [{ source: '/etc', destination: '/host/etc', type: 'bind', isWritable: false, propagation: '' }]),
  })
  .map((change) => sampleContainerFacts(change))

describe('a verdict while facts are unknown', () => {
  it('that is definite stays the same for every completion of the facts', () => {
    fc.assert(
      fc.property(condition, facts, (text, completion) => {
        const early = evaluate(text, { state: 'unknown', containerId: ID })
        const late = evaluate(text, { state: 'known', containerId: ID, facts: completion })
        assert.notEqual(late, null)
        if (early !== null) assert.equal(early, late, text)
      }),
      { numRuns: 1500 },
    )
  })

  it('that is definite while even the container is open stays the same for host, container and deadline', () => {
    fc.assert(
      fc.property(condition, facts, (text, completion) => {
        const early = evaluate(text, { state: 'unknown', containerId: null })
        if (early === null) return
        for (const late of [
          { state: 'known', containerId: ID, facts: completion },
          { state: 'host' },
          { state: 'absent', containerId: ID, isClaimed: false },
        ] as const) {
          assert.equal(evaluate(text, late), early, text)
        }
      }),
      { numRuns: 1500 },
    )
  })

  const CASES: readonly (readonly [condition: string, expected: Kleene])[] = [
    ['container.image.repository = alpine', null],
    ['not container.image.repository = alpine', null],
    ['proc.name = dog and container.image.repository = alpine', false],
    ['container.image.repository = alpine and proc.name = dog', false],
    ['proc.name = cat or container.image.repository = alpine', true],
    ['proc.name = cat and container.image.repository = alpine', null],
    ['container.id = host', false],
    // An open has no source path: nothing that the facts may bring compares with it.
    ['container.name = val(fs.path.source)', false],
    ['not container.name = val(fs.path.source)', true],
  ]
  for (const [text, expected] of CASES) {
    it(`${text} is ${String(expected)}`, () => assert.equal(evaluate(text, { state: 'unknown', containerId: ID }), expected))
  }

  it('becomes false for fields that stay absent after the deadline', () => {
    assert.equal(evaluate('container.image.repository = alpine', { state: 'absent', containerId: ID, isClaimed: false }), false)
    assert.equal(evaluate('container.image.repository != alpine', { state: 'absent', containerId: ID, isClaimed: false }), false)
    assert.equal(evaluate('container.id = 4f1c0c5de2a9', { state: 'absent', containerId: ID, isClaimed: false }), true)
  })

  it('on the host knows that there are no facts', () => {
    assert.equal(evaluate('container.id = host', { state: 'host' }), true)
    assert.equal(evaluate('container.name = host', { state: 'host' }), true)
    assert.equal(evaluate('container.image.repository exists', { state: 'host' }), false)
  })
})
