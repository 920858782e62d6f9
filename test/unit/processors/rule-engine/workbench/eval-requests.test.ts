// The answers of `rules eval --json`: reasons on request, records next to field maps, rule files that change.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EvalRequests } from '../../../../../processors/rule-engine/workbench/eval-requests.js'

const RULES = `
- rule: First
  desc: d
  condition: evt.type = execve and container.name = web
  output: first %proc.name
  priority: WARNING
- rule: Second
  desc: d
  condition: evt.type = execve and proc.name in (sh, bash)
  output: second %proc.name
  priority: NOTICE
`

describe('the answers of rules eval', () => {
  const requests = new EvalRequests()
  const answer = (request: Record<string, unknown>): Record<string, unknown> => ({ ...requests.answer({ id: 1, ...request }) })

  it('contain reasons only on request', () => {
    const event = { 'evt.type': 'execve', 'proc.name': 'cat' }
    assert.equal('explain' in answer({ rules: [RULES], fields: event }), false)
    const [, second] = answer({ rules: [RULES], fields: event, explain: true })['explain'] as {
      rule: string
      verdict: unknown
      tree: unknown
    }[]
    assert.deepEqual(second, {
      event: 0,
      rule: 'Second',
      verdict: false,
      tree: {
        kind: 'and',
        verdict: false,
        asked: true,
        children: [
          {
            kind: 'check',
            verdict: true,
            asked: true,
            text: 'evt.type = execve',
            read: [{ field: 'evt.type', state: 'present', values: ['execve'] }],
          },
          {
            kind: 'check',
            verdict: false,
            asked: true,
            text: 'proc.name in (sh, bash)',
            read: [{ field: 'proc.name', state: 'present', values: ['cat'] }],
          },
        ],
      },
    })
    assert.equal((answer({ condition: 'proc.name = cat', fields: event, explain: true })['explain'] as unknown[]).length, 1)
  })
  it('accept records next to field maps', () => {
    const record = { topic: 'process', type: 'exec', syscall: 'execve', process: { name: 'sh' } }
    assert.deepEqual(answer({ rules: [RULES], events: [record] })['rules'], ['Second'])
    assert.throws(() => answer({ rules: [RULES], events: [{ ...record, proces: {} }] }), /events: proces: no such part/)
  })
  it('have at most two hundred trees', () => {
    const events = Array.from({ length: 150 }, () => ({ 'evt.type': 'open' }))
    assert.equal((answer({ rules: [RULES], events, explain: true })['explain'] as unknown[]).length, 200)
  })
  it('follow a rule file that changes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'eunomia-eval-'))
    try {
      const file = join(folder, 'r.yaml')
      const ask = (): unknown => answer({ rulesFiles: [file], fields: { 'evt.type': 'execve', 'proc.name': 'sh' } })['rules']
      writeFileSync(file, RULES)
      assert.deepEqual(ask(), ['Second'])
      assert.deepEqual(ask(), ['Second'])
      writeFileSync(file, RULES.replace('rule: Second', 'rule: Other name'))
      assert.deepEqual(ask(), ['Other name'])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

const OPEN_RULE =
  '- rule: r\n  desc: d\n  condition: evt.type=open and proc.name=cat\n  output: "%proc.name %fd.num"\n  priority: warning\n  tags: [t]\n'
const evaluate = (request: Record<string, unknown>): Record<string, unknown> => ({ ...new EvalRequests().answer({ id: 1, ...request }) })

describe('an answer to a request of rules eval', () => {
  it('refuses a matching that is none, instead of taking it for another', () => {
    const request = { id: 1, condition: 'proc.name = a', fields: {}, matching: 'First' }
    assert.throws(() => new EvalRequests().answer(request), /matching: expected 'first' or 'all'/)
  })
  it('answers a condition over one event or several', () => {
    assert.deepEqual(evaluate({ condition: 'proc.name = cat', fields: { 'proc.name': 'cat' } }), {
      id: 1,
      ok: true,
      matched: true,
      rules: [],
      alerts: [],
    })
    assert.equal(evaluate({ condition: 'proc.name = cat', events: [{}, { 'proc.name': 'cat' }] })['matched'], true)
    assert.equal(evaluate({ condition: 'proc.name = cat', events: [] })['matched'], false)
    assert.equal(evaluate({ condition: 'proc.nmae = cat', fields: {} })['ok'], false)
  })
  it('answers rules with their alerts', () => {
    const event = { 'evt.type': 'open', 'proc.name': 'cat', 'fd.num': 3 }
    assert.deepEqual(evaluate({ rules: [OPEN_RULE], events: [{}, event] }), {
      id: 1,
      ok: true,
      matched: true,
      rules: ['r'],
      alerts: [{ event: 1, rule: 'r', priority: 'Warning', output: 'cat 3', outputFields: { 'proc.name': 'cat', 'fd.num': 3 } }],
    })
    assert.equal(evaluate({ rules: [OPEN_RULE], events: [event], minPriority: 'error' })['matched'], false)
    assert.equal(evaluate({ rules: [OPEN_RULE], events: [event], disableTags: ['t'] })['matched'], false)
    assert.equal(evaluate({ rules: [OPEN_RULE], events: [event], runTags: ['t'], disableTags: ['t'] })['ok'], false)
  })
  it('answers Sigma rules by id, or by title without one, with their level', () => {
    const rule = (more: string): string =>
      `title: t\n${more}logsource: {category: process_creation}\ndetection: {s: {Image|endswith: /cat}, condition: s}\n`
    const events = [{}, { Image: '/bin/cat' }]
    assert.deepEqual(evaluate({ format: 'sigma', rules: [rule('id: 1-2\nlevel: high\n'), rule('')], events }), {
      id: 1,
      ok: true,
      matched: true,
      rules: ['1-2', 't'],
      alerts: [
        { event: 1, rule: '1-2', priority: 'high', output: 't: Image=/bin/cat', outputFields: { Image: '/bin/cat' } },
        { event: 1, rule: 't', priority: 'Warning', output: 't: Image=/bin/cat', outputFields: { Image: '/bin/cat' } },
      ],
    })
    assert.throws(() => evaluate({ format: 'yara', rules: [rule('')], events }), /format: expected 'falco' or 'sigma'/)
  })
  it('answers files that are not there with an error of the load', () => {
    assert.match(String(evaluate({ rulesFiles: ['/nonexistent'], events: [] })['error']), /LOAD_ERR_FILE_READ/)
  })
  it('continues after more rule sets than the cache holds', () => {
    const requests = new EvalRequests()
    for (let i = 0; i < 200; i++) {
      const answer: Record<string, unknown> = {
        ...requests.answer({
          id: i,
          rules: [OPEN_RULE.replace('cat', `cat${String(i)}`)],
          events: [{ 'evt.type': 'open', 'proc.name': `cat${String(i)}` }],
        }),
      }
      assert.equal(answer['matched'], true)
    }
  })
})
