// Sample vectors of the rule language, answered as the command line answers them. The vectors are not ours and not copied; where their
// folder is absent this is skipped.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { answerCheck, answerParse } from '../../../../../processors/rule-engine/workbench/check/check-requests.js'
import { EvalRequests } from '../../../../../processors/rule-engine/workbench/eval-requests.js'
import { packageRoot } from '../../../../../infra/process/package-root.js'
import { skipWithoutCorpora } from '../../../../support/runner/skip-because.js'

const SAMPLES = join(process.env['EUNOMIA_SHARED'] ?? resolve(packageRoot(), '../shared'), 'samples')
type Vector = Readonly<Record<string, unknown>> & { readonly id: string; readonly valid?: boolean }
type Answer = Readonly<Record<string, unknown>>

function lines(file: string): Vector[] {
  return readFileSync(join(SAMPLES, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Vector)
}

const requests = new EvalRequests()

function answer(vector: Vector): Answer {
  const files = vector['files'] as { text: string }[] | undefined
  if (vector.id.startsWith('F4') || vector['kind'] === 'check') return { ...answerCheck({ ...vector }) }
  const isParse = vector['condition'] !== undefined && (vector['expect'] === null || vector['fields'] === null)
  if (isParse) return { ...answerParse({ ...vector }) }
  const events = typeof vector['events'] === 'string' ? lines(vector['events']) : vector['events']
  const rulesFiles = (vector['rulesFiles'] as string[] | undefined)?.map((path) => join(SAMPLES, path))
  const request = { ...vector, events, rules: files?.map((file) => file.text) ?? vector['rules'], rulesFiles }
  return { ...requests.answer(Object.fromEntries(Object.entries(request).filter(([, value]) => value !== null && value !== undefined))) }
}

function check(vector: Vector): void {
  const got = answer(vector)
  if (vector.valid !== undefined) assert.equal(got['ok'], vector.valid, JSON.stringify(got['error'] ?? got['errors']))
  for (const { path, equals } of (vector['describe'] as { path: string; equals?: string }[] | undefined) ?? []) {
    if (equals !== undefined && path === 'rules[name=test_rule].compiled') {
      assert.equal((got['rules'] as { name: string; compiled: string }[]).find((rule) => rule.name === 'test_rule')?.compiled, equals)
    }
  }
  for (const { code } of Array.isArray(vector['errors']) ? (vector['errors'] as { code: string }[]) : []) {
    assert.ok(
      (got['errors'] as { code: string }[]).some((error) => error.code === code),
      code,
    )
  }
  if (vector.valid === false || vector['expect'] === null || vector['expect'] === undefined || vector['kind'] === 'check') return
  if (Array.isArray(vector['reference']))
    assert.deepEqual([...(got['rules'] as string[])].sort(), [...(vector['reference'] as string[])].sort())
  else assert.equal(got['matched'], vector['expect'])
  if (vector['format'] === 'sigma') assert.ok((got['rules'] as string[]).includes(String(vector['rule'])))
}

describe('sample vectors', function () {
  before(function () {
    if (!existsSync(SAMPLES)) skipWithoutCorpora(this)
  })
  for (const suite of ['F1', 'F2', 'F3', 'F4', 'F6', 'F7', 'S1']) {
    it(`of ${suite} are all answered as they should be`, () => {
      for (const vector of lines(`${suite}.jsonl`)) {
        try {
          check(vector)
        } catch (error) {
          throw new Error(`${vector.id}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
        }
      }
    })
  }

  it('of F1 are answered the same with other blanks', () => {
    for (const vector of lines('F1.jsonl').filter((one) => one['whitespace'] === true)) {
      for (const blank of ['\n', '\t']) {
        const condition = ` ${String(vector['condition'])} `.replaceAll(' ', blank)
        assert.equal(({ ...answerParse({ ...vector, condition }) } as Answer)['ok'], vector.valid, `${vector.id}: ${condition}`)
      }
    }
  })
})
