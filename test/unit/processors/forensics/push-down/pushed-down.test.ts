// The database never leaves out a record that a rule matches or waits for: all public rules on events aimed at them, and any rules on any events.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { ListedBatch } from '../../../../../infra/topic-log/listed-batch.js'
import { ObjectWriters } from '../../../../../processors/forensics/parquet/object-writer.js'
import { pushedDown, topicSql } from '../../../../../processors/forensics/push-down/pushed-down.js'
import { ruleOfCondition } from '../../../../../processors/forensics/hunt/hunt-rules.js'
import { WantedRows } from '../../../../../processors/forensics/sql/wanted-rows.js'
import { createPlainEvaluator } from '../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { RULE_TOPICS, type RuleEvent, type RuleRecord, type RuleTopic } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import type { RuleFile } from '../../../../../processors/rule-engine/read/rule-file.js'
import type { RuleSet } from '../../../../../processors/rule-engine/rule-set/rule-set.js'
import { Codec } from '../../../../../schemas/codec.js'
import { aimedEvent, nearMissEvent } from '../../../../support/generator/aimed-events.js'
import { Random } from '../../../../support/generator/random.js'
import { encodedEvent } from '../../../../support/generator/stored-event.js'
import { falcoTargets, sigmaTargets } from '../../../../support/generator/targets.js'
import { sampleFileEvent, sampleProcess } from '../../../../support/records/sample-records.js'
import { sampleNetworkEvent } from '../../../../support/records/sample-network-event.js'
import { ruleCorpus } from '../../../../support/rule-corpus.js'
import { arbitraryEvent, arbitraryRuleFiles } from '../../../../support/rules/arbitrary-rules.js'
import { isFullRun } from '../../../../support/runner/dose.js'
import { skipWithoutCorpora } from '../../../../support/runner/skip-because.js'

const SEED = 20_261_128

describe('processors/forensics push-down', function () {
  this.timeout(60_000)
  const codec = new Codec()
  let rows: WantedRows
  let writers: ObjectWriters

  before(async () => {
    rows = await WantedRows.open()
    writers = await ObjectWriters.create(codec)
  })
  after(() => rows.close())

  /** An object with these values, one after the other. */
  function stored(topic: RuleTopic, values: readonly Uint8Array[]): Uint8Array {
    const writer = writers.begin(topic)
    const records = values.map((value, offset) => ({ offset, timestampMs: offset, key: Buffer.from('host'), value }))
    const batch = new ListedBatch(topic, 0, records)
    while (batch.next()) writer.add(batch)
    return writer.finish().content
  }

  /** Each rule alone: the rows that it matches, or waits for, are wanted. @returns rows that were left out, and how many a rule matches */
  async function check(ruleSet: RuleSet, events: readonly RuleEvent[]): Promise<{ readonly left: number; readonly matched: number }> {
    const evaluator = createPlainEvaluator(ruleSet, { matching: 'all' })
    let [left, matched] = [0, 0]
    for (const topic of RULE_TOPICS) {
      const own = events.filter(({ event }) => event.topic === topic)
      if (own.length === 0) continue
      const content = stored(
        topic,
        own.map(({ event }) => encodedEvent(codec, event)),
      )
      const found = new Map<string, number[]>()
      own.forEach((event, row) => {
        const { matched: some, waiting } = evaluator.evaluate(event)
        for (const { id } of [...some, ...waiting]) found.set(id, [...(found.get(id) ?? []), row])
      })
      for (const rule of ruleSet.activeRules) {
        const needed = found.get(rule.id) ?? []
        const sql = needed.length === 0 ? null : topicSql([rule], topic)
        if (sql === null) continue
        const wanted = new Set(await rows.of(content, `"type" IS NULL OR ${sql}`))
        const lost = needed.filter((row) => !wanted.has(row))
        assert.deepEqual(lost, [], `${rule.name}: ${sql}\n${JSON.stringify(own[lost[0] ?? 0]?.event)}`)
        matched += needed.length
        left += own.length - wanted.size
      }
    }
    return { left, matched }
  }

  it('keeps what any public rule matches, and leaves most of the rest out', async function () {
    const corpus = ruleCorpus() ?? skipWithoutCorpora(this)
    const texts = (files: readonly RuleFile[]): string[] => files.map(({ text }) => text)
    const { ruleSet } = loadRules([...corpus.falco, ...corpus.sigma])
    const random = new Random(SEED)
    const all = [...falcoTargets(texts(corpus.falco)), ...sigmaTargets(texts(corpus.sigma))]
    const targets = isFullRun() ? all : all.filter((_, index) => index % 3 === 0)
    const events = targets.flatMap((target) => {
      const aimed = [aimedEvent(target, random), nearMissEvent(target, random)].filter((each) => each !== null)
      return aimed.flatMap((event) => [event, disguised(event, random)])
    })
    const { left, matched } = await check(ruleSet, events)
    assert.ok(matched > targets.length && left > 20 * matched, `${String(left)} left out, ${String(matched)} matched`)
  })

  it('keeps what any rule matches of any event', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRuleFiles, fc.array(arbitraryEvent, { minLength: 1, maxLength: 12 }), async (files, events) => {
        await check(loadRules(files).ruleSet, events)
      }),
      { numRuns: 30 },
    )
  })

  it('is one statement over one object: no other file is read or written, and several objects are searched at once', async () => {
    const content = stored('file', [codec.encode('file', sampleFileEvent())])
    const written = join(tmpdir(), `eunomia-pushed-${String(process.pid)}`)
    await assert.rejects(rows.of(content, `true; COPY (SELECT 1) TO '${written}'`), /more than one statement/)
    await assert.rejects(rows.of(content, "EXISTS (FROM read_text('/etc/passwd'))"), /Permission Error/)
    await assert.rejects(rows.of(content, 'true; SET enable_external_access = true'), /more than one statement/)
    assert.equal(existsSync(written), false)
    const answers = await Promise.all(Array.from({ length: 8 }, () => rows.of(content, 'true')))
    assert.deepEqual(
      answers.map((each) => [...each]),
      answers.map(() => [0]),
    )
  })

  it('keeps records that can not be read, and tombstones', async () => {
    const { ruleSet } = loadRules([ruleOfCondition('evt.type = openat and fd.name = /etc/shadow')])
    const readable = codec.encode('file', sampleFileEvent({ path: '/tmp/x' }))
    const content = stored('file', [Buffer.from('nothing'), readable, readable.subarray(0, 40)])
    assert.deepEqual([...(await rows.of(content, pushedDown(ruleSet, ['file']).file ?? ''))], [0, 2])
  })

  it('looks for literals, prefixes, parts without case and ports in the columns', async () => {
    const wanted = async (condition: string, topic: RuleTopic, events: readonly RuleRecord[]): Promise<number[]> => {
      const { ruleSet, errors } = loadRules([ruleOfCondition(condition)])
      assert.deepEqual(errors, [])
      const content = stored(
        topic,
        events.map((event) => encodedEvent(codec, event)),
      )
      return [...(await rows.of(content, pushedDown(ruleSet, [topic])[topic] ?? 'true'))]
    }
    const open = (path: string, change: Parameters<typeof sampleProcess>[0] = {}): RuleRecord => {
      return { topic: 'file', record: sampleFileEvent({ path, process: sampleProcess(change) }) }
    }
    const opens = [
      open('/etc/shadow'),
      open('/etc/x/..//shadow'),
      open('/tmp/a', { args: ['sh', '-c', "it's BASE64"], exePath: '/usr/bin/x' }),
      open('/tmp/b', { args: ['sh'] }),
    ]
    assert.deepEqual(await wanted('evt.type = openat and fd.name = /etc/shadow', 'file', opens), [0, 1])
    assert.deepEqual(await wanted('evt.type = openat and proc.cmdline icontains base64', 'file', opens), [2])
    assert.deepEqual(await wanted(`evt.type = openat and proc.cmdline contains "it's B"`, 'file', opens), [2])
    assert.deepEqual(await wanted('evt.type = openat and proc.exepath startswith /usr/', 'file', opens), [2])
    assert.deepEqual(await wanted('evt.type = unlink', 'file', opens), [])
    const connect = (remotePort: number): RuleRecord => ({
      topic: 'network',
      record: sampleNetworkEvent({ remotePort, localPort: 50_000 }),
    })
    assert.deepEqual(await wanted('evt.type = connect and fd.sport = 4444', 'network', [connect(80), connect(4444)]), [1])
    // No column has it.
    assert.deepEqual(await wanted('evt.rawres < 0', 'file', opens), [0, 1, 2, 3])
  })
})

/** The same event in other words: in upper case, with a path that is not in its normal form. */
function disguised(event: RuleEvent, random: Random): RuleEvent {
  const { record } = event.event
  const isUpper = random.below(2) === 0
  const other = (text: string): string => (isUpper ? text.toUpperCase() : text)
  const process = {
    ...record.process,
    args: record.process.args.map(other),
    exePath: record.process.exePath === null ? null : other(record.process.exePath),
  }
  const path =
    'path' in record && typeof record.path === 'string'
      ? { path: other(record.path).replace('/', random.pick(['//', '/./', '/x/../', ''])) }
      : {}
  return { ...event, event: { ...event.event, record: { ...record, process, ...path } } as RuleRecord }
}
