// The answers of `rules eval --json`: why, when they are asked; records beside field maps; rule files that change.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EvalRequests } from '../../../../../cli/rules/eval/eval-request.js'

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

  it('say why when they are asked to, and not otherwise', () => {
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
  it('take records beside field maps', () => {
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
