// Answers to requests of `rules parse --json` and `rules check --json -`: their form, and that a bad request gets one, too.
import assert from 'node:assert/strict'
import { answerCheck, answerParse } from '../../../../../../processors/rule-engine/workbench/check/check-requests.js'

const RULES =
  '- rule: r\n  desc: d\n  condition: evt.type=open and proc.name=cat\n  output: "%proc.name %fd.num"\n  priority: warning\n  tags: [t]\n'

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

describe('rules check', () => {
  it('reports rules, macros and lists after append and override', () => {
    const counts = { rules: 1, loaded: 1, enabled: 1, evaluable: 1, live: 1, waiting: 0, excluded: 0, skipped: 0 }
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
        excluded: [],
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
  it('reports errors with file, line and column', () => {
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
