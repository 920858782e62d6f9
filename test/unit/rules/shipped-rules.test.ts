// The rules that ship with Eunomia: they load without a warning, are tested from both sides, and name their technique.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { filtersOfPlan } from '../../../assembly/watching.js'
import { openFiltersOf } from '../../../collector/watch/planned-filters.js'
import { OPEN_WAY } from '../../../native/generated/layout.js'
import { planFor } from '../../../processors/rule-engine/plan/plan-watches.js'
import { EXE_FLAGS } from '../../../schemas/generated/exe-flags.js'
import { attackTechnique, techniqueIdsOf } from '../../../schemas/attack-techniques.js'
import { detectionsPage } from '../../../processors/rule-engine/workbench/pages/detections-page.js'
import { findTestFiles, readTests } from '../../../processors/rule-engine/workbench/rule-tests/read-tests.js'
import { runTests } from '../../../processors/rule-engine/workbench/rule-tests/run-cases.js'
import { packageRoot } from '../../../infra/process/package-root.js'
import { FieldMapSource, type FieldMap } from '../../../processors/rule-engine/evaluate/field-map.js'
import { createPlainEvaluator } from '../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { prepareExpression } from '../../../processors/rule-engine/evaluate/prepare.js'
import { PRIORITIES } from '../../../processors/rule-engine/rule-set/priority.js'
import { argumentDescriptions } from '../../../processors/rule-engine/fields/arguments/argument-value.js'
import { loadRuleFiles, readRuleFiles } from '../../../processors/rule-engine/load/rule-files.js'
import { sampleContainerFacts, sampleFileEvent, sampleProcess } from '../../support/records/sample-records.js'

const { known, local, rootOwned, hostRoot, hostNamespace, rootNamespace } = EXE_FLAGS
const FOLDER = join(packageRoot(), 'rules')
const { ruleSet, errors, warnings } = loadRuleFiles([FOLDER])
const suites = findTestFiles([FOLDER]).flatMap((file) => readTests(file).suites)
const rules = ruleSet.rules

describe('the shipped rules', () => {
  it('load without errors or warnings, and records can be evaluated by all of them', () => {
    assert.deepEqual(errors, [])
    assert.deepEqual(warnings, [])
    assert.ok(rules.length >= 100, String(rules.length))
    assert.deepEqual(
      rules.flatMap((rule) => rule.unavailable.map((reason) => `${rule.name}: ${reason}`)),
      [],
    )
  })

  it('test no argument that none of their events has: such a check is always false', () => {
    const events = new Map<string, Set<string>>()
    for (const { eventType, name } of argumentDescriptions()) events.set(name, (events.get(name) ?? new Set()).add(eventType))
    const written = readRuleFiles([FOLDER]).files.flatMap(({ text }) => parse(text) as { rule?: string; condition?: string }[])
    const absent = written.flatMap(({ rule, condition = '' }) => {
      const types = [...(rules.find(({ name }) => name === rule)?.eventTypes ?? [])]
      const names = [...condition.matchAll(/\bevt\.(?:raw)?arg\.(\w+)/g)].map(([, name = '']) => name)
      return names
        .filter((name) => rule !== undefined && !types.some((type) => events.get(name)?.has(type)))
        .map((name) => `${rule ?? ''}: ${name}`)
    })
    assert.deepEqual(absent, [])
  })

  it('need no open of every file: each read, write and new file is chosen by path or argument, and failed opens are left out; only new files with a set-user-id bit are all reported', () => {
    const plan = planFor(ruleSet)
    const { opened, openFailed } = openFiltersOf(filtersOfPlan(plan)?.opens ?? assert.fail('everything'))
    const { read, write, created, setId } = OPEN_WAY
    assert.deepEqual(
      [read, write, read | write, write | created, read | write | created].map((way) => opened[way]),
      Array<string>(5).fill('byArgument'),
    )
    assert.deepEqual(
      [setId, setId | read, setId | write | created].map((way) => opened[way]),
      Array<string>(3).fill('emitted'),
    )
    assert.deepEqual([...new Set(openFailed)], ['leftOut'])
  })

  it('pass their tests', () => {
    const failed = runTests(ruleSet, suites).filter((result) => !result.isPassed)
    assert.deepEqual(failed, [])
  })

  for (const rule of rules) {
    it(`"${rule.name}" is tested from both sides, and says when it errs and why it has its priority`, () => {
      const cases = suites.filter((suite) => suite.rule === rule.name).flatMap((suite) => suite.cases)
      assert.ok(cases.filter((one) => one.mustFire).length >= 2, 'events that make it fire')
      assert.ok(cases.filter((one) => !one.mustFire).length >= 2, 'events that leave it silent')
      assert.ok(cases.filter((one) => one.isEvasion).length >= 3, 'evasions that do not silence it')
      assert.match(rule.desc, /Known false\s+alarms:/)
      assert.match(rule.desc, /Not seen:/)
      assert.match(rule.desc, /Priority:/)
      const named = rule.output.parts.flatMap((part) => (part.kind === 'field' ? [part.key] : []))
      assert.deepEqual(
        ['container.name', 'container.id'].filter((field) => !named.includes(field)),
        [],
        'its output names the container, also one without a known name',
      )
    })

    it(`"${rule.name}" names techniques of ATT&CK, and the tactics that they serve`, () => {
      const ids = techniqueIdsOf(rule.tags)
      assert.ok(ids.length > 0, rule.tags.join())
      const tactics = rule.tags.flatMap((tag) => (tag.startsWith('mitre_') ? [tag.slice('mitre_'.length)] : []))
      for (const id of ids) {
        const technique = attackTechnique(id)
        assert.ok(technique !== undefined, `no technique ${id} is known`)
        assert.ok(
          technique.tactics.some((tactic) => tactics.includes(tactic)),
          `${id} serves ${technique.tactics.join(' or ')}, the rule is tagged ${tactics.join()}`,
        )
      }
      const served = ids.flatMap((id) => attackTechnique(id)?.tactics ?? [])
      assert.deepEqual(
        tactics.filter((tactic) => !served.includes(tactic)),
        [],
        'tactics that none of its techniques serves',
      )
    })
  }

  it('do not shadow each other: an event that matches a rule fires it, or an earlier one of the same priority', () => {
    const active = ruleSet.activeRules.map((rule) => ({
      name: rule.name,
      urgency: PRIORITIES.indexOf(rule.priority),
      holds: prepareExpression((rule.onFields ?? rule).condition),
    }))
    const hidden: string[] = []
    for (const { rule: name, events } of firingEvents()) {
      const own = active.find((rule) => rule.name === name)
      if (own === undefined) continue
      const speakers = events.map((event) => active.find((rule) => rule.holds(new FieldMapSource(event)) === true))
      for (const speaker of speakers)
        if (speaker !== undefined && speaker.urgency > own.urgency) hidden.push(`${name}: less urgent ${speaker.name} speaks`)
      if (!speakers.includes(own)) hidden.push(`${name}: never speaks itself`)
    }
    assert.deepEqual(hidden, [])
  })

  it('are in docs/detections.md as they are', () => {
    assert.equal(readFileSync(join(packageRoot(), 'docs/detections.md'), 'utf8'), detectionsPage(rules), 'npm run generate')
  })

  it('see cat read /etc/shadow in a container, and not login on the host', () => {
    const evaluator = createPlainEvaluator(ruleSet)
    const inContainer = evaluator.evaluate({
      event: { topic: 'file', record: sampleFileEvent() },
      container: { state: 'known', containerId: 'f'.repeat(64), facts: sampleContainerFacts() },
    })
    assert.deepEqual(
      inContainer.matched.map((rule) => rule.name),
      ['Sensitive file read by an unexpected program'],
    )
    const login = sampleProcess({
      name: 'login',
      exePath: '/usr/bin/login',
      exeFlags: known | local | rootOwned | hostRoot | hostNamespace | rootNamespace,
      args: ['/bin/login', '-p'],
      containerId: null,
      containerClaim: null,
    })
    const onHost = evaluator.evaluate({
      event: { topic: 'file', record: sampleFileEvent({ process: login }) },
      container: { state: 'host' },
    })
    assert.deepEqual(onHost.matched, [])
  })
})

/** The field maps of the events that must make each rule fire, straight from the test files. */
function firingEvents(): { readonly rule: string; readonly events: readonly FieldMap[] }[] {
  return findTestFiles([FOLDER]).flatMap((file) =>
    (parse(readFileSync(file, 'utf8')) as { rule: string; base?: FieldMap; fires: { with?: FieldMap }[] }[]).map(
      ({ rule, base, fires }) => ({
        rule,
        events: fires.map((one) => ({ ...base, ...one.with })),
      }),
    ),
  )
}
