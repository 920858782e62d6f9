// The answers of the batch modes of `rules parse`, `rules eval` and `rules check -`: their form, and that bad input gets one too.
import assert from 'node:assert/strict'
import { answerCheck } from '../../../../cli/rules/check/check-command.js'
import { EvalRequests } from '../../../../cli/rules/eval/eval-request.js'
import { answerParse } from '../../../../cli/rules/parse.js'

const RULES =
  '- rule: r\n  desc: d\n  condition: evt.type=open and proc.name=cat\n  output: "%proc.name %fd.num"\n  priority: warning\n  tags: [t]\n'
const evaluate = (request: Record<string, unknown>): Record<string, unknown> => ({ ...new EvalRequests().answer({ id: 1, ...request }) })

describe('rules parse', () => {
  it('takes any field at level syntax, and only known ones at level compile', () => {
    assert.deepEqual(answerParse({ id: 'a', condition: 'x.y = 1', level: 'syntax' }), { id: 'a', ok: true })
    assert.deepEqual(answerParse({ id: 'a', condition: 'proc.name = x', level: 'compile' }), { id: 'a', ok: true })
    const refused: Record<string, unknown> = { ...answerParse({ id: 'a', condition: 'x.y = 1', level: 'compile' }) }
    assert.equal(refused['ok'], false)
    assert.equal(refused['error'], '1:1: filter_check called with nonexistent field x.y')
  })
  it('refuses a request without a condition, or of a level that is none', () => {
    assert.throws(() => answerParse({ id: 1 }), /condition: expected a string/)
    assert.throws(() => answerParse({ id: 1, condition: 'a', level: 'deep' }), /level: expected 'syntax' or 'compile'/)
  })
})

describe('rules eval', () => {
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
    assert.deepEqual(evaluate({ rules: [RULES], events: [{}, event] }), {
      id: 1,
      ok: true,
      matched: true,
      rules: ['r'],
      alerts: [{ event: 1, rule: 'r', priority: 'Warning', output: 'cat 3', outputFields: { 'proc.name': 'cat', 'fd.num': 3 } }],
    })
    assert.equal(evaluate({ rules: [RULES], events: [event], minPriority: 'error' })['matched'], false)
    assert.equal(evaluate({ rules: [RULES], events: [event], disableTags: ['t'] })['matched'], false)
    assert.equal(evaluate({ rules: [RULES], events: [event], runTags: ['t'], disableTags: ['t'] })['ok'], false)
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
  it('goes on after more different sets of rules than it keeps', () => {
    const requests = new EvalRequests()
    for (let i = 0; i < 200; i++) {
      const answer: Record<string, unknown> = {
        ...requests.answer({
          id: i,
          rules: [RULES.replace('cat', `cat${String(i)}`)],
          events: [{ 'evt.type': 'open', 'proc.name': `cat${String(i)}` }],
        }),
      }
      assert.equal(answer['matched'], true)
    }
  })
})

describe('rules check', () => {
  it('tells rules, macros and lists after append and override', () => {
    const counts = { rules: 1, loaded: 1, enabled: 1, evaluable: 1, live: 1, waiting: 0, keptOut: 0, skipped: 0 }
    const text = `- list: l\n  items: [cat, "t ac"]\n- macro: m\n  condition: proc.name in (l)\n${RULES.replace('proc.name=cat', 'm')}`
    assert.deepEqual(
      JSON.parse(JSON.stringify(answerCheck({ id: 1, files: [{ name: 'a.yaml', text }] })), (key, value: unknown) =>
        key === 'version' ? undefined : value,
      ),
      {
        id: 1,
        ok: true,
        errors: [],
        warnings: [],
        files: [{ name: 'a.yaml', ok: true, languages: ['falco'], ...counts }],
        counts,
        waitingFor: [],
        keptOut: [],
        rules: [
          {
            name: 'r',
            source: 'syscall',
            priority: 'Warning',
            enabled: true,
            condition: 'evt.type=open and m',
            compiled: '(evt.type = open and proc.name in (cat, "t ac"))',
            output: '%proc.name %fd.num',
            desc: 'd',
            tags: ['t'],
            capture: false,
            captureDuration: 0,
            eventTypes: ['open'],
            unavailable: [],
          },
        ],
        macros: [{ name: 'm', condition: 'proc.name in (l)' }],
        lists: [{ name: 'l', items: ['cat', 't ac'], refs: [] }],
      },
    )
  })
  it('tells errors with file, line and column', () => {
    const answer: Record<string, unknown> = {
      ...answerCheck({ id: 1, files: [{ name: 'a.yaml', text: RULES.replace('proc.name=cat', 'proc.nmae=cat') }] }),
    }
    assert.equal(answer['ok'], false)
    assert.deepEqual(answer['errors'], [
      {
        code: 'LOAD_ERR_COMPILE_CONDITION',
        message: "filter_check called with nonexistent field proc.nmae (did you mean 'proc.name'?)",
        item: 'r',
        file: 'a.yaml',
        line: 3,
        column: 32,
      },
    ])
  })
})
