// What is kept from the log of `run`: exactly what no rule in force can match, as detect would find out.
import assert from 'node:assert/strict'
import { RuleScreen } from '../../../../../processors/functions/detect/rule-screen.js'
import { cgroupKey, factsKey } from '../../../../../processors/membership/membership-key.js'
import { createCompiledEvaluator } from '../../../../../processors/rule-engine/compiled/compiled-evaluator.js'
import type { Evaluator } from '../../../../../processors/rule-engine/evaluate/evaluator.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import type { ContainerEvent } from '../../../../../schemas/generated/types.js'
import { FunctionBench } from '../../../../support/load/function-bench.js'
import { sampleContainerFacts, sampleFileEvent, sampleOrigin, sampleProcess } from '../../../../support/records/sample-records.js'
import { evaluatorOf, TWO_RULES } from '../../../../support/records/test-rules.js'

const ID = 'c'.repeat(64)

describe('the screen of rules', () => {
  let bench: FunctionBench
  let evaluator: Evaluator
  let screen: RuleScreen

  beforeEach(() => {
    bench = new FunctionBench()
    evaluator = evaluatorOf(TWO_RULES)
    screen = new RuleScreen(bench.codec, { current: () => evaluator }, bench.membership)
  })

  const mayMatch = (path: string, containerId: string | null = null, change: Parameters<typeof sampleFileEvent>[0] = {}): boolean => {
    const process = sampleProcess({ containerId, containerClaim: containerId })
    const bytes = bench.codec.encode('file', sampleFileEvent({ path, process, ...change }))
    return screen.mayMatch('file', bytes, bytes.length)
  }

  async function know(image: string): Promise<void> {
    const facts: ContainerEvent = {
      ...{ type: 'facts', containerId: ID, runtime: 'docker', facts: sampleContainerFacts({ image, imageRepository: image }) },
      ...{ cgroupId: null, cgroupPath: null, initPid: null, exitCode: null, isOomKilled: null, reason: null, origin: sampleOrigin() },
    }
    const key = factsKey(sampleOrigin(), ID)
    await bench.store.write([{ key, bootTimeUs: 1, value: bench.codec.encode('container', facts) }])
    await bench.membership.fetch([key], () => undefined)
  }

  it('lets through what a rule may match, and what depends on facts that are not known yet', async () => {
    assert.deepEqual([mayMatch('/etc/shadow'), mayMatch('/etc/passwd')], [true, false])
    assert.equal(mayMatch('/etc/passwd', ID), true, 'its image may be bad')
    await know('good')
    assert.equal(mayMatch('/etc/passwd', ID), false)
    assert.equal(mayMatch('/etc/shadow', ID), true)
  })

  it('lets through what only the decoder can read', () => {
    assert.equal(mayMatch('/etc/passwd', null, { raw: { path: Buffer.from('/etc/\xff', 'latin1') } }), true)
    assert.equal(screen.mayMatch('file', Buffer.from([1, 2, 3]), 3), true)
  })

  it('follows the rules in force at once', () => {
    assert.equal(mayMatch('/etc/passwd'), false)
    evaluator = evaluatorOf(TWO_RULES.replaceAll('/etc/shadow', '/etc/passwd'))
    assert.deepEqual([mayMatch('/etc/passwd'), mayMatch('/etc/shadow')], [true, false])
    assert.equal(screen.eventTypes.has('procexit'), false)
    evaluator = evaluatorOf(TWO_RULES.replace(/evt.type in .* and fd.name = .etc.shadow/u, 'evt.type=procexit'))
    assert.equal(screen.eventTypes.has('procexit'), true)
  })

  it('keeps nothing back of a topic that has no filters yet, except types that no rule is about', () => {
    const { ruleSet } = loadRules([{ name: 'test.yaml', text: TWO_RULES }])
    evaluator = createCompiledEvaluator(ruleSet)
    assert.equal(mayMatch('/etc/passwd'), true)
    assert.equal(mayMatch('/etc/passwd', null, { type: 'unlink', syscall: 'unlink' }), false)
  })

  it('counts each event once, whoever judges it', () => {
    mayMatch('/etc/shadow')
    mayMatch('/etc/passwd')
    assert.equal(evaluator.statistics?.events, 1, 'the other one is counted by detect')
  })

  it('says of a cgroup that its container is new until the near-cache has it', async () => {
    const key = cgroupKey(sampleOrigin(), '77')
    const isNew = (containerId = ID): boolean => screen.isPlaceNew(sampleOrigin(), containerId, '77')
    assert.equal(isNew(), true)
    await bench.store.write([{ key, bootTimeUs: 1, value: Buffer.from(ID) }])
    await bench.membership.fetch([key], () => undefined)
    assert.deepEqual([isNew(), isNew('d'.repeat(64))], [false, true])
    bench.clock.advance(60_000)
    assert.equal(isNew(), true, 'a process may move, and a cgroup have another container')
  })
})
