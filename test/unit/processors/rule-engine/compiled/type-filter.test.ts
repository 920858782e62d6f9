// The rows of all rules for events of one type: which rules the bytes and the values leave.
import assert from 'node:assert/strict'
import { filteredRules } from '../../../../../processors/rule-engine/compiled/compiled-evaluator.js'
import { RecordScanners } from '../../../../../processors/rule-engine/compiled/record-scanners.js'
import { TypeFilter } from '../../../../../processors/rule-engine/compiled/type-filter.js'
import { operandValue } from '../../../../../processors/rule-engine/evaluate/transform.js'
import { UNKNOWN } from '../../../../../processors/rule-engine/fields/field-value.js'
import { RecordSource } from '../../../../../processors/rule-engine/fields/field-source.js'
import type { ContainerKnowledge } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'
import { resultOf } from '../../../../../infra/waiting/steps.js'
import { Codec } from '../../../../../schemas/codec.js'
import type { Process } from '../../../../../schemas/generated/types.js'
import { sampleContainerFacts, sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'

const codec = new Codec()
const scanners = new RecordScanners(codec)
const HOST = { containerId: null, containerClaim: null, isContainerUnknown: false }

class Filtered {
  readonly #filter: TypeFilter

  /** @param conditions of one rule each */
  constructor(...conditions: readonly string[]) {
    const rules = conditions.map((condition, index) => {
      const text = JSON.stringify(`evt.type = execve and ${condition}`)
      return `- rule: r${String(index)}\n  desc: d\n  condition: ${text}\n  output: o\n  priority: INFO\n`
    })
    const { ruleSet, errors } = loadRules([{ name: 'r.yaml', text: rules.join('') }])
    assert.deepEqual(errors, [])
    this.#filter = resultOf(TypeFilter.build('execve', filteredRules(ruleSet.activeRules, 'execve')))
  }

  /** The rules that the bytes leave, and of these the ones that the values leave. */
  left(
    process: Partial<Process>,
    container: ContainerKnowledge = { state: 'host' },
  ): { bytes: readonly number[]; values: readonly number[] } {
    const record = sampleProcessEvent({ process: sampleProcess({ ...HOST, ...process }) })
    const value = codec.encode('process', record)
    const scanned = scanners.of('process').scan(value, 0, value.length)
    assert.ok(scanned !== null)
    const rows = this.#filter.rowsIn(scanned)
    const source = new RecordSource({ event: { topic: 'process', record }, container })
    const known = { read: (operand: Parameters<typeof operandValue>[0]) => operandValue(operand, source) }
    return {
      bytes: rows === null ? [] : this.#filter.candidates({ read: () => UNKNOWN }, rows),
      values: rows === null ? [] : this.#filter.candidates(known, rows),
    }
  }
}

describe('the filter of an event type', () => {
  it('runs what only an expression decides on the texts, for rows that are left, and on any text of several', () => {
    const filtered = new Filtered(
      'proc.cmdline regex "^.*-[WR] [0-9]{2,}.*$"',
      'proc.cmdline glob "a*b?c" or proc.name = z',
      'proc.anames regex "^x.*[0-9]$"',
      'not proc.cmdline regex "^.*[0-9].*$"',
    )
    const ancestor = { pid: 7, startBootUs: 1, exe: 'e', exePath: null, exeFlags: 0, program: null }
    const of = (name: string, args: string[], parents: readonly string[] = []): readonly number[] =>
      filtered.left({ name, args, ancestors: parents.map((parent) => ({ ...ancestor, name: parent })) }).bytes
    assert.deepEqual(of('chown', ['chown', '-R', 'app', '/srv/10']), [3])
    assert.deepEqual(of('pnscan', ['pnscan', '-R', '10']), [0, 3])
    assert.deepEqual(of('a', ['a', 'bxc']), [1, 3])
    assert.deepEqual(of('a', ['a', 'bc']), [3])
    assert.deepEqual(of('a', ['a'], ['y1', 'xy']), [3])
    assert.deepEqual(of('a', ['a'], ['y1', 'xy', 'x2']), [2, 3])
    // What is not ASCII is left to the evaluator.
    assert.deepEqual(of('a', ['a', '-R é']), [0, 1, 3])
  })

  it('leaves the rules of which every test may hold, in load order', () => {
    const filtered = new Filtered(
      'proc.name = cat',
      'proc.name = sh and proc.cmdline contains shadow',
      'proc.cmdline contains shadow and not proc.pname = sshd',
      'proc.name in (cat, dog) and user.uid = 0',
      '(proc.name = dog or proc.cmdline endswith shadow)',
    )
    const of = (process: Partial<Process>): readonly number[] => filtered.left(process).bytes
    const cat = { name: 'cat', args: ['cat', '/etc/shadow'] }
    assert.deepEqual(of({ ...cat, euid: 0 }), [0, 2, 3, 4])
    assert.deepEqual(of({ ...cat, euid: 7 }), [0, 2, 4])
    assert.deepEqual(of({ ...cat, euid: 7, ancestors: [{ ...SSHD }] }), [0, 4])
    assert.deepEqual(of({ name: 'sh', args: ['sh', 'shadow.bak'] }), [1, 2])
    assert.deepEqual(of({ name: 'dog', args: ['dog'], euid: 7 }), [4])
    assert.deepEqual(of({ name: 'cow', args: ['cow'] }), [])
  })

  it('leaves what depends on facts, until they are known', () => {
    const filtered = new Filtered('container.image.repository = shop/web', 'container.id != host and proc.name = cat')
    const containerId = 'c'.repeat(64)
    const facts = sampleContainerFacts({ imageRepository: 'shop/web' })
    const known: ContainerKnowledge = { state: 'known', containerId, facts }
    const other: ContainerKnowledge = { ...known, facts: sampleContainerFacts({ imageRepository: 'shop/api' }) }
    assert.deepEqual(filtered.left({ containerId, name: 'cat' }, known), { bytes: [0, 1], values: [0, 1] })
    assert.deepEqual(filtered.left({ containerId, name: 'cat' }, other), { bytes: [0, 1], values: [1] })
    assert.deepEqual(filtered.left({ containerId, name: 'dog' }, { state: 'unknown', containerId }), { bytes: [0], values: [0] })
    assert.deepEqual(filtered.left({ name: 'cat' }), { bytes: [], values: [] })
  })

  it('keeps more rows than a word has bits apart', () => {
    const filtered = new Filtered(
      ...Array.from({ length: 100 }, (_, index) => `proc.name = name${String(index)} and user.uid < ${String(index)}`),
    )
    assert.deepEqual(filtered.left({ name: 'name77', euid: 76 }).bytes, [77])
    assert.deepEqual(filtered.left({ name: 'name77', euid: 77 }).bytes, [])
  })
})

const SSHD = { pid: 7, startBootUs: 1, name: 'sshd', exe: 'sshd', exePath: '/usr/sbin/sshd', exeFlags: 0, program: null }
