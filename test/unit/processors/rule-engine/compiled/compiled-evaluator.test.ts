// The compiled evaluator returns what the plain one returns, on records and on their bytes: for every rule set, state of facts, writer's schema, and for
// damaged bytes. EUNOMIA_FUZZ_SEED and EUNOMIA_FUZZ_RECORDS repeat or lengthen a run.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import fc from 'fast-check'
import { packageRoot } from '../../../../../infra/process/package-root.js'
import { createCompiledEvaluator } from '../../../../../processors/rule-engine/compiled/compiled-evaluator.js'
import type { Evaluator } from '../../../../../processors/rule-engine/evaluate/evaluator.js'
import { createPlainEvaluator } from '../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { ContainerKnowledge, RuleEvent, RuleRecord } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { readRuleFiles } from '../../../../../processors/rule-engine/load/rule-files.js'
import { aimedEvent, nearMissEvent } from '../../../../support/generator/aimed-events.js'
import { finishEvent } from '../../../../support/generator/finish-event.js'
import { ordinaryDraft } from '../../../../support/generator/ordinary-events.js'
import { Random } from '../../../../support/generator/random.js'
import { falcoTargets, sigmaTargets, type Target } from '../../../../support/generator/targets.js'
import { ruleCorpus } from '../../../../support/rule-corpus.js'
import { foreignWriters, type Writer } from '../../../../support/rules/foreign-writers.js'
import { arbitraryEvent, arbitraryRuleFiles } from '../../../../support/rules/arbitrary-rules.js'
import type { ContainerFacts, FileEvent } from '../../../../../schemas/generated/types.js'
import { sampleContainerFacts, sampleFileEvent, sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { judgeBytes, type EvaluatorPair, type Judged } from '../../../../support/rules/judged-bytes.js'
import { isSecondRuntime } from '../../../../support/runner/dose.js'
import { skipWithoutCorpora } from '../../../../support/runner/skip-because.js'

const MATCHINGS = ['first', 'all'] as const
const SEED = Number(process.env['EUNOMIA_FUZZ_SEED'] ?? Date.now() % 1_000_000)
/** Each is judged by all public rules or all shipped ones, so that these are half a million verdicts; a tenth of it once more under another node. */
const RECORDS = Number(process.env['EUNOMIA_FUZZ_RECORDS'] ?? (isSecondRuntime() ? 250 : 2_500))

function verdicts(evaluator: Evaluator, event: RuleEvent): unknown {
  const { matched, waiting } = evaluator.evaluate(event)
  return { matched: matched.map(({ id }) => id), waiting: waiting.map(({ id }) => id) }
}

describe('the compiled evaluator', () => {
  let writers: readonly Writer[] = []

  before(async () => {
    writers = await foreignWriters()
  })

  it('agrees with the plain evaluator, with facts known, absent and unknown, and keeps nothing from one event to the next', () => {
    fc.assert(
      fc.property(arbitraryRuleFiles, fc.array(arbitraryEvent, { minLength: 1, maxLength: 8 }), (files, events) => {
        const { ruleSet, errors } = loadRules(files)
        assert.deepEqual(errors, [])
        for (const matching of MATCHINGS) {
          const pair = {
            plain: createPlainEvaluator(ruleSet, { matching }),
            compiled: createCompiledEvaluator(ruleSet, { matching, coldRecords: 0 }),
          }
          for (const event of events) {
            assert.deepEqual(verdicts(pair.compiled, event), verdicts(pair.plain, event))
            judge(pair, writers[0], event)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('keeps topics apart, whatever system call a record names', () => {
    const text = `title: t
id: 2e6f4d1c-7a55-4d7e-9a6f-3f1d1a2b3c4d
logsource: { product: linux, service: auditd }
detection:
  s: { type: PATH, name: /etc/shadow }
  condition: s
level: high
`
    const { ruleSet, errors } = loadRules([{ name: 's.yml', text }])
    assert.deepEqual(errors, [])
    const pair = { plain: createPlainEvaluator(ruleSet), compiled: createCompiledEvaluator(ruleSet, { coldRecords: 0 }) }
    const process = sampleProcess({ containerId: null, containerClaim: null })
    // A file event that names the call of an exec: after an exec, its path must still be looked at as that of a file.
    const foreign = { topic: 'file' as const, record: sampleFileEvent({ syscall: 'execve', path: '/etc/shadow', process }) }
    const exec = { topic: 'process' as const, record: sampleProcessEvent({ process }) }
    const [ours] = writers
    assert.ok(ours !== undefined)
    for (const event of [exec, foreign, exec, foreign]) judge(pair, ours, { event, container: { state: 'host' } })
    assert.equal(pair.plain.evaluate({ event: foreign, container: { state: 'host' } }).matched.length, 1)
  })

  it('excludes events by the facts of their container, and by the arguments that a call does not have', () => {
    const rule = (name: string, condition: string): string => {
      return `- rule: ${name}\n  desc: d\n  condition: ${JSON.stringify(condition)}\n  output: o\n  priority: INFO\n`
    }
    const mounts = ['/', '/etc', '/boot'].map((path) => `container.mount.dest[${path}] exists`).join(' or ')
    const { ruleSet, errors } = loadRules([
      {
        name: 'f.yaml',
        text:
          rule('mounted', `evt.type = execve and proc.name = cat and (container.privileged = true or ${mounts})`) +
          rule('removed', 'evt.type = unlink and (evt.arg.oldpath startswith /etc or evt.arg.path startswith /srv)'),
      },
    ])
    assert.deepEqual(errors, [])
    const pair = { plain: createPlainEvaluator(ruleSet), compiled: createCompiledEvaluator(ruleSet, { coldRecords: 0 }) }
    const [ours] = writers
    assert.ok(ours !== undefined)
    const process = sampleProcess({ name: 'cat' })
    const exec = { topic: 'process' as const, record: sampleProcessEvent({ process }) }
    const containerId = process.containerId ?? ''
    const judgedWith = (facts: Partial<ContainerFacts>): Judged => {
      const container = { state: 'known' as const, containerId, facts: sampleContainerFacts({ mounts: [], ...facts }) }
      return judgeBytes(pair, ours, { topic: 'process', bytes: ours.encode(exec), container }).judged
    }
    assert.equal(judgedWith({}), 'excluded')
    assert.equal(judgedWith({ isPrivileged: true }), 'evaluated')
    assert.equal(
      judgedWith({ mounts: [{ source: '/', destination: '/etc', type: 'bind', isWritable: true, propagation: '' }] }),
      'evaluated',
    )
    const judgedPath = (path: string): Judged => {
      const unlink = { topic: 'file' as const, record: sampleFileEvent({ type: 'unlink', syscall: 'unlink', path, process }) }
      return judgeBytes(pair, ours, { topic: 'file', bytes: ours.encode(unlink), container: { state: 'host' } }).judged
    }
    assert.equal(judgedPath('/etc/passwd'), 'excluded')
    assert.equal(judgedPath('/srv/x'), 'evaluated')
  })

  it('decides anew for each value, whatever came before', () => {
    const corpus = ruleCorpus()
    const files = corpus === null ? readRuleFiles([join(packageRoot(), 'rules')]).files : [...corpus.falco, ...corpus.sigma]
    const { ruleSet } = loadRules(files)
    const pair = { plain: createPlainEvaluator(ruleSet), compiled: createCompiledEvaluator(ruleSet, { coldRecords: 0 }) }
    const random = new Random(SEED)
    const [ours] = writers
    const process = sampleProcess({ name: 'cat', args: ['cat', '/etc/shadow'], containerId: null, containerClaim: null })
    let record = sampleFileEvent({ path: '/etc/shadow', process })
    for (let changes = 0; changes < 400; changes++) {
      const { path } = record
      const some = random.pick<Partial<FileEvent>>([
        { path: random.pick(['/etc/shadow', '/etc/passwd', '/root/.ssh/id_rsa', `${path ?? ''}x`, null]) },
        { result: random.pick([-2, -13, 3, 7]) },
        { pathSource: random.pick(['kernel', 'argument'] as const) },
        { isCreate: random.chance(0.5), isWrite: random.chance(0.5), flags: random.pick([0, 0o101, 0o200000]) },
        { process: { ...record.process, name: random.pick(['cat', 'sh', 'vi']) } },
        { process: { ...record.process, args: random.pick([['cat', '/etc/shadow'], ['sh', '-c', 'id'], []]) } },
        { process: { ...record.process, exePath: random.pick(['/bin/cat', '/tmp/x', null]) } },
      ])
      record = { ...record, ...some }
      judge(pair, ours, { event: { topic: 'file', record }, container: { state: 'host' } })
      const exec = sampleProcessEvent({ process: record.process, result: Math.min(record.result, 0) })
      judge(pair, ours, { event: { topic: 'process', record: exec }, container: { state: 'host' } })
    }
  })

  it('is prepared in steps, and decides the same', () => {
    const corpus = 'cat dog cow pig'
      .split(' ')
      .map((name) => `- rule: ${name}\n  desc: d\n  condition: evt.type = execve and proc.name = ${name}\n  output: o\n  priority: INFO\n`)
    const { ruleSet } = loadRules([{ name: 'f.yaml', text: corpus.join('') }])
    const [ours] = writers
    assert.ok(ours !== undefined)
    const pair = { plain: createPlainEvaluator(ruleSet), compiled: createCompiledEvaluator(ruleSet, { coldRecords: 0 }) }
    const steps = [...(pair.compiled.preparation?.(ours.scanners.of('process').symbols) ?? [])]
    assert.ok(steps.length > 4)
    assert.deepEqual([...(pair.compiled.preparation?.(ours.scanners.of('process').symbols) ?? [])], [])
    const process = sampleProcess({ name: 'cow', containerId: null, containerClaim: null })
    judge(pair, ours, { event: { topic: 'process', record: sampleProcessEvent({ process }) }, container: { state: 'host' } })
  })

  it('asks all rules about the first records of a topic, gets filters after them, and decides the same all the time', () => {
    const text = '- rule: cow\n  desc: d\n  condition: evt.type = execve and proc.name = cow\n  output: o\n  priority: INFO\n'
    const { ruleSet } = loadRules([{ name: 'f.yaml', text }])
    const [ours] = writers
    assert.ok(ours !== undefined)
    const compiled = createCompiledEvaluator(ruleSet, { coldRecords: 4 })
    const pair = { plain: createPlainEvaluator(ruleSet), compiled }
    const symbols = ours.scanners.of('process').symbols
    const judged = (name: string): Judged => {
      const process = sampleProcess({ name, containerId: null, containerClaim: null })
      const event = { topic: 'process' as const, record: sampleProcessEvent({ process }) }
      return judgeBytes(pair, ours, { topic: 'process', bytes: ours.encode(event), container: { state: 'host' } }).judged
    }
    for (const name of ['cow', 'dog', 'cow', 'dog']) {
      assert.equal(compiled.preparation?.(symbols), null)
      assert.equal(judged(name), 'evaluated')
    }
    // Until they are made, records go on as before.
    const steps = compiled.preparation?.(symbols)
    assert.ok(steps !== undefined && steps !== null)
    assert.equal(judged('dog'), 'evaluated')
    const process = sampleProcess({ name: 'cow', containerId: null, containerClaim: null })
    const cow: RuleEvent = { event: { topic: 'process', record: sampleProcessEvent({ process }) }, container: { state: 'host' } }
    assert.equal(compiled.evaluate(cow).matched.length, 1)
    assert.deepEqual(verdicts(compiled, cow), verdicts(pair.plain, cow))
    for (const step of steps) assert.equal(step, undefined)
    assert.deepEqual([judged('cow'), judged('dog')], ['evaluated', 'excluded'])
    assert.equal(compiled.preparation?.(ours.scanners.of('file').symbols), null)
  })

  it('puts no text of a rule into code', () => {
    const code = "');globalThis.isInjected=true;('"
    const quoted = JSON.stringify(code)
    const condition = `evt.type = execve and (proc.name in (l) or proc.cmdline contains ${quoted})`
    const list = `- list: l\n  items: [${JSON.stringify(quoted)}, ${JSON.stringify('"${globalThis.isInjected=true}"')}]\n`
    const text = `${list}- rule: ${quoted}\n  desc: d\n  condition: ${JSON.stringify(condition)}\n  output: ${quoted}\n  priority: INFO\n`
    const { ruleSet, errors } = loadRules([{ name: `${code}.yaml`, text }])
    assert.deepEqual(errors, [])
    const pair = { plain: createPlainEvaluator(ruleSet), compiled: createCompiledEvaluator(ruleSet, { coldRecords: 0 }) }
    const [ours] = writers
    const process = sampleProcess({ name: code, containerId: null, containerClaim: null })
    const event = { topic: 'process' as const, record: sampleProcessEvent({ process }) }
    assert.ok(ours !== undefined)
    const { expected } = judgeBytes(pair, ours, { topic: 'process', bytes: ours.encode(event), container: { state: 'host' } })
    assert.deepEqual(expected.matched, [code])
    assert.equal('isInjected' in globalThis, false)
  })

  it(`agrees on the bytes of events that match public and shipped rules or nearly do (EUNOMIA_FUZZ_SEED=${String(SEED)})`, function () {
    const corpus = ruleCorpus()
    if (corpus === null) return skipWithoutCorpora(this)
    this.timeout(600_000)
    const shipped = readRuleFiles([join(packageRoot(), 'rules')]).files
    const sets = [loadRules([...corpus.falco, ...corpus.sigma]), loadRules(shipped)].map(({ ruleSet }) => ruleSet)
    const pairs = sets.flatMap((ruleSet) =>
      MATCHINGS.map((matching) => ({
        plain: createPlainEvaluator(ruleSet, { matching }),
        compiled: createCompiledEvaluator(ruleSet, { matching, coldRecords: 0 }),
      })),
    )
    const targets = [...falcoTargets(corpus.falco.map(({ text }) => text)), ...sigmaTargets(corpus.sigma.map(({ text }) => text))]
    const counts = fuzz(pairs, targets, writers, new Random(SEED))
    assert.ok(counts.matched > RECORDS / 20, `only ${String(counts.matched)} verdicts of a match`)
    for (const judged of ['excluded', 'evaluated', 'decoded', 'unreadable'] as const)
      assert.ok(counts[judged] > 0, `no record was ${judged}`)
  })
})

type Counts = Record<Judged | 'matched', number>

function fuzz(pairs: readonly EvaluatorPair[], targets: readonly Target[], writers: readonly Writer[], random: Random): Counts {
  const counts: Counts = { excluded: 0, evaluated: 0, decoded: 0, unreadable: 0, matched: 0 }
  for (let record = 0; record < RECORDS; record++) {
    const event = someEvent(targets, random)
    if (event === null) continue
    const writer = random.pick(writers)
    const container = containerOf(event, random)
    const bytes = writer.encode(changedTexts(event.event, random))
    if (random.chance(0.3)) damage(bytes, random)
    // With two sets and two kinds of matching, each record is judged by one of the four.
    const pair = random.pick(pairs)
    const { judged, expected } = explained(() => judgeBytes(pair, writer, { topic: event.event.topic, bytes, container }), record)
    counts[judged]++
    counts.matched += expected.matched.length
  }
  return counts
}

const CONTAINERS: readonly ContainerKnowledge[] = [
  { state: 'host' },
  { state: 'unknown', containerId: null },
  { state: 'unknown', containerId: 'a'.repeat(64) },
  { state: 'absent', containerId: null, isClaimed: false },
  { state: 'absent', containerId: undefined, isClaimed: false },
]

/** What may be known of the container of an event. Nothing but the host is known of one that names no container. */
function containerOf({ event, container }: RuleEvent, random: Random): ContainerKnowledge {
  const { containerId, containerClaim, isContainerUnknown } = event.record.process
  if (containerId === null && containerClaim === null && !isContainerUnknown) return { state: 'host' }
  return random.chance(0.3) ? random.pick(CONTAINERS) : container
}

/** Changes texts, at times, into what a plan of the bytes must leave to the extractor. */
function changedTexts(event: RuleRecord, random: Random): RuleRecord {
  const { record } = event
  if (random.chance(0.05)) return { ...event, record: { ...record, raw: { 'process.name': Uint8Array.of(0xff, 0x61) } } } as RuleRecord
  if (random.chance(0.6)) return event
  const process = { ...record.process, args: record.process.args.map((arg) => (random.chance(0.2) ? odd(arg, random) : arg)) }
  for (const name of ['name', 'exePath', 'cwd', 'program', 'user'] as const) {
    const text = process[name]
    if (text !== null && random.chance(0.1)) process[name] = odd(text, random)
  }
  const paths = event.topic === 'file' ? { path: oddPath(event.record.path, random), newPath: oddPath(event.record.newPath, random) } : {}
  return { ...event, record: { ...record, ...paths, process } } as RuleRecord
}

function odd(text: string, random: Random): string {
  const at = random.below(text.length + 1)
  return random.pick([
    () => text.toUpperCase(),
    () => `${text.slice(0, at)}é${text.slice(at)}`,
    () => `${text.slice(0, at)}\u212a${text.slice(at)}`,
    () => `${text.slice(0, at)}\0${text.slice(at)}`,
    () => `${text} `,
    () => '',
    () => text.slice(at),
    () => `/lib/ld-linux.so.2${text}`,
  ])()
}

function oddPath(path: string | null, random: Random): string | null {
  if (path === null || random.chance(0.3)) return path
  return random.pick([
    () => path.replace('/', '//'),
    () => path.replaceAll('/', '/./'),
    () => `/tmp/..${path}`,
    () => `${path}/`,
    () => path.slice(1),
    () => `.${path}`,
    () => odd(path, random),
  ])()
}

function someEvent(targets: readonly Target[], random: Random): RuleEvent | null {
  if (random.chance(0.3)) return finishEvent(ordinaryDraft(random.pick(['file', 'exec', 'rest'] as const), random))
  return (random.chance(0.3) ? nearMissEvent : aimedEvent)(random.pick(targets), random)
}

/** Changes some bytes after the schema id. */
function damage(bytes: Uint8Array, random: Random): void {
  for (let times = random.between(1, 3); times > 0; times--) bytes[random.between(5, bytes.length - 1)] = random.below(256)
}

function judge(pair: EvaluatorPair, writer: Writer | undefined, { event, container }: RuleEvent): void {
  assert.ok(writer !== undefined)
  const { containerId, containerClaim, isContainerUnknown } = event.record.process
  const isOfHost = containerId === null && containerClaim === null && !isContainerUnknown
  judgeBytes(pair, writer, { topic: event.topic, bytes: writer.encode(event), container: isOfHost ? { state: 'host' } : container })
}

function explained<Result>(run: () => Result, record: number): Result {
  try {
    return run()
  } catch (error) {
    throw new Error(`record ${String(record)} of EUNOMIA_FUZZ_SEED=${String(SEED)}`, { cause: error })
  }
}
