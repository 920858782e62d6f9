// The schemas that editors get: they know the keys that the loaders know, take every file that loads, and refuse what does not.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parse, parseAllDocuments } from 'yaml'
import { completionItems } from '../../../../../../processors/rule-engine/workbench/schema/completion-items.js'
import {
  falcoSchema,
  listProperties,
  macroProperties,
  ruleProperties,
  sigmaSchema,
} from '../../../../../../processors/rule-engine/workbench/schema/rule-schemas.js'
import { ruleTestSchema } from '../../../../../../processors/rule-engine/workbench/schema/test-schema.js'
import { packageRoot } from '../../../../../../infra/process/package-root.js'
import { loadRules } from '../../../../../../processors/rule-engine/load/load-rules.js'
import { readRuleFiles } from '../../../../../../processors/rule-engine/load/rule-files.js'
import { sharedPath } from '../../../../../support/shared-folder.js'
import { skipWithoutCorpora } from '../../../../../support/runner/skip-because.js'

const compiled = (schema: object): ValidateFunction =>
  new Ajv({ strict: true, allErrors: true, allowUnionTypes: true, strictRequired: false, strictTypes: false }).compile(schema)

function assertValid(validate: ValidateFunction, document: unknown, name: string): void {
  assert.ok(validate(document), `${name}: ${JSON.stringify(validate.errors?.slice(0, 3))}`)
}

const RULE = { rule: 'r', desc: 'd', condition: 'evt.type = execve', output: 'o', priority: 'INFO' }

describe('the schema of Falco rule files', () => {
  const validate = compiled(falcoSchema())

  it('takes every file of the corpus and every rule of ours', function () {
    const corpus = sharedPath('corpora', 'falco')
    const { files } = readRuleFiles([join(packageRoot(), 'rules'), ...(corpus === null ? [] : [corpus])])
    for (const { name, text } of files) {
      for (const document of parseAllDocuments(text)) assertValid(validate, document.toJS(), name)
    }
  })

  it('knows exactly the keys of which the loader does not warn', () => {
    const kinds: readonly (readonly [base: object, properties: Readonly<Record<string, object>>])[] = [
      [{ rule: 'r' }, ruleProperties()],
      [{ macro: 'm' }, macroProperties()],
      [{ list: 'l' }, listProperties()],
    ]
    for (const [base, properties] of kinds) {
      for (const key of [...Object.keys(properties), 'conditions', 'outputs', 'item']) {
        const { warnings } = loadRules([
          { name: 'r.yaml', text: JSON.stringify([{ ...base, [key]: (base as Record<string, unknown>)[key] ?? 1 }]) },
        ])
        const isWarned = warnings.some(({ code, message }) => code === 'LOAD_UNKNOWN_KEY' && message.includes(`'${key}'`))
        assert.equal(!isWarned, Object.hasOwn(properties, key), `${key} of ${JSON.stringify(base)}`)
      }
    }
  })

  const wrong: readonly (readonly [about: string, item: object])[] = [
    ['a rule without a condition', { ...RULE, condition: undefined }],
    ['a priority that there is not', { ...RULE, priority: 'URGENT' }],
    ['tags that are no list', { ...RULE, tags: 'a' }],
    ['an exception without a name', { ...RULE, exceptions: [{ fields: ['proc.name'] }] }],
    ['an override that is neither append nor replace', { rule: 'r', condition: 'x', override: { condition: 'add' } }],
    ['an override by append of what can only be replaced', { rule: 'r', enabled: true, override: { enabled: 'append' } }],
    ['a list without items', { list: 'l' }],
  ]
  for (const [about, item] of wrong) {
    it(`refuses ${about}`, () => {
      assert.ok(!validate(JSON.parse(JSON.stringify([item]))))
    })
  }

  it('takes a priority in any case, and info', () => {
    for (const priority of ['Warning', 'WARNING', 'warning', 'info', 'INFORMATIONAL'])
      assertValid(validate, [{ ...RULE, priority }], priority)
  })
})

describe('the schema of Sigma files', () => {
  const validate = compiled(sigmaSchema())

  it('takes every rule of the corpus', function () {
    const corpus = sharedPath('corpora', 'sigma')
    if (corpus === null) return skipWithoutCorpora(this)
    for (const { name, text } of readRuleFiles([corpus]).files) {
      // Dates in rules have the form of YAML's own; a schema sees what an editor's parser makes of them.
      for (const document of parseAllDocuments(text)) assertValid(validate, JSON.parse(JSON.stringify(document.toJS())), name)
    }
  })

  it('takes a correlation and a filter, and refuses a rule that detects nothing', () => {
    const correlation = { type: 'event_count', rules: ['a'], 'group-by': ['User'], timespan: '5m', condition: { gte: 3 } }
    assertValid(validate, { title: 't', correlation }, 'correlation')
    assertValid(
      validate,
      { title: 't', logsource: { product: 'linux' }, filter: { rules: ['a'], selection: { User: 'x' }, condition: 'selection' } },
      'filter',
    )
    assert.ok(!validate({ title: 't', logsource: { product: 'linux' } }))
    assert.ok(!validate({ title: 't', correlation: { ...correlation, timespan: '5 minutes' } }))
  })
})

describe('the schema of tests of rules', () => {
  it('takes every test of ours', () => {
    const validate = compiled(ruleTestSchema())
    const folder = join(packageRoot(), 'rules')
    const names = readdirSync(folder).filter((name) => name.endsWith('.test.yaml'))
    assert.ok(names.length > 0)
    for (const name of names) assertValid(validate, parse(readFileSync(join(folder, name), 'utf8')), name)
    assert.ok(!validate([{ rule: 'r', fires: [{ with: {} }] }]), 'a case without a name')
  })
})

describe('completion data', () => {
  it('offers fields with type and meaning, with a bracket where an argument must follow, and marks those that are deprecated', () => {
    const items = new Map(completionItems().map((item) => [item.label, item]))
    const name = items.get('proc.name')
    assert.deepEqual([name?.kind, name?.detail, name?.insertText], [5, 'CHARBUF', 'proc.name'])
    assert.notEqual(name?.documentation, '')
    assert.equal(items.get('container.mount.dest')?.insertText, 'container.mount.dest[')
    assert.deepEqual(items.get('evt.dir')?.tags, [1])
    assert.equal(items.get('startswith')?.kind, 24)
    assert.equal(items.get('tolower')?.insertText, 'tolower(')
  })
})
