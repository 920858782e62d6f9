// `rules test`: its output for tests that pass, that fail, and that are invalid.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EndedCommand, runInHost } from '../../../support/system/command-host.js'

const RULES = `
- rule: Shell started
  desc: d
  condition: evt.type = execve and proc.name in (bash, sh) and container.id != host
  output: shell %proc.name in %container.name
  priority: WARNING
- rule: Untested
  desc: d
  condition: evt.type = execve and proc.name = nobody
  output: o
  priority: INFO
---
title: Failed login
id: 11111111-0000-4000-8000-000000000001
logsource: {product: linux, category: process_creation}
detection: {s: {Image: /login}, condition: s}
level: low
---
title: Many failed logins
id: 11111111-0000-4000-8000-000000000002
correlation: {type: event_count, rules: [11111111-0000-4000-8000-000000000001], group-by: [User], timespan: 1m, condition: {gte: 5}}
level: high
`
const BASE = 'base: {evt.type: execve, container.id: abc, proc.name: sh}'

describe('rules test', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-rules-test-'))
    writeFileSync(join(folder, 'r.yaml'), RULES)
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const run = async (tests: string, ...args: string[]): Promise<EndedCommand> => {
    writeFileSync(join(folder, 'r.test.yaml'), tests)
    return await runInHost(['rules', 'test', folder, ...args], { cwd: folder })
  }

  it('passes alerts with their text, fields and priority, pending facts, and records', async () => {
    const { status, stdout, stderr } = await run(`
- rule: Shell started
  ${BASE}
  fires:
    - {name: whole alert, with: {container.name: web}, output: shell sh in web, priority: warning, fields: {proc.name: sh}}
    - {name: a part of it, contains: [shell sh]}
  silent: [{name: another, with: {proc.name: zsh}}, {name: absent, with: {container.id: null}}]
  waits: [{name: container not known, unknown: container.id}]
- rule: Shell started
  record: {topic: process, type: exec, syscall: execve, process: {name: sh, containerId: ${'a'.repeat(64)}}}
  fires: [{name: record, record: {container: {name: web}}, contains: in web}]
  silent: [{name: another program, record: {process: {name: cat}}}]
- rule: 11111111-0000-4000-8000-000000000001
  fires: [{name: by its id, with: {Image: /login}}]
`)
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /^8 tests: 8 passed, 0 failed$/m)
  })

  it('shows the verdict of a rule, and the terms that decided it', async () => {
    const { status, stdout } = await run(`
- rule: Shell started
  ${BASE}
  fires: [{name: no shell, with: {proc.name: zsh}}]
`)
    assert.equal(status, 1)
    assert.deepEqual(stdout.split('\n').slice(0, 7), [
      `FAIL Shell started: no shell (${join(folder, 'r.test.yaml')})`,
      '     expected: the rule fires',
      '     got:      the rule is silent',
      '       false     and',
      '       true        evt.type = execve  ← evt.type "execve"',
      '       false       proc.name in (bash, sh)  ← proc.name "zsh"',
      '                   1 more not evaluated: already settled',
    ])
  })

  it('evaluates a record only with rules about its type, and reports this', async () => {
    const { status, stdout } = await run(`
- rule: 11111111-0000-4000-8000-000000000001
  record: {topic: file, syscall: openat, path: /x, process: {exePath: /login}}
  silent: [{name: an open is no start}]
  fires: [{name: an open}]
`)
    assert.equal(status, 1)
    assert.match(stdout, /^ {5}got: {6}the rule is silent: not evaluated, it is about events execve, execveat$/m)
    assert.match(stdout, /^2 tests: 1 passed, 1 failed$/m)
  })

  it('shows the difference of an alert', async () => {
    const { status, stdout } = await run(`
- rule: Shell started
  ${BASE}
  fires: [{name: other text, output: shell sh in db, priority: critical, fields: {proc.name: bash, fd.name: x}}]
`)
    assert.equal(status, 1)
    assert.deepEqual(stdout.split('\n').slice(3, 11), [
      '     - priority: "critical"',
      '     + priority: "Warning"',
      '     - output: "shell sh in db"',
      '     + output: "shell sh in <NA>"',
      '     - field proc.name: "bash"',
      '     + field proc.name: "sh"',
      '     - field fd.name: "x"',
      '     + the output has no field fd.name',
    ])
  })

  it('fails an invalid test: an unknown field, an unknown rule, a correlation with one event', async () => {
    const { status, stdout } = await run(`
- rule: Shell started
  silent: [{name: misspelt, with: {proc.nmae: x}}]
- rule: Failed login
  silent: [{name: misspelt for Sigma, with: {image: /login}}]
- rule: Shell strated
  silent: [{name: no rule}]
- rule: Many failed logins
  silent: [{name: one event}]
`)
    assert.equal(status, 1)
    assert.match(stdout, /nonexistent field proc\.nmae \(did you mean 'proc\.name'\?\)/)
    assert.match(stdout, /does not read 'image'; did you mean 'Image'\?/)
    assert.match(stdout, /no rule of that name; did you mean 'Shell started'\?/)
    assert.match(stdout, /it is a correlation.*use a scenario/)
    assert.match(stdout, /4 tests: 0 passed, 4 failed/)
  })

  it('runs scenarios: events at their times, and every alert that they cause', async () => {
    const scenario = (every: string, alerts: string): string => `
- scenario: logins
  base: {Image: /login, User: root}
  events: [{repeat: 5, every: ${every}}]
  alerts: ${alerts}
`
    assert.equal((await run(scenario('10s', '[{rule: Many failed logins, event: 5, contains: 5 events}]'))).status, 0)
    assert.equal((await run(scenario('30s', '[]'))).status, 0)
    const missing = await run(scenario('30s', '[Many failed logins]'))
    assert.equal(missing.status, 1)
    assert.match(missing.stdout, /expected: 1 alert\n {5}got: {6}0 alerts\n {5}- Many failed logins\n/)
    const unexpected = await run(scenario('10s', '[]'))
    assert.equal(unexpected.status, 1)
    assert.match(unexpected.stdout, /\+ Many failed logins at event 5: /)
  })

  it('counts only the first matching rule in a scenario with first matching', async () => {
    writeFileSync(
      join(folder, 's.yaml'),
      RULES.split('---')[0]?.replaceAll('Shell started', 'Again').replaceAll('Untested', 'Nobody') ?? '',
    )
    const scenario = (matching: string, alerts: string): string => `
- scenario: two rules for one event
  matching: ${matching}
  rules: [Shell started, Again]
  ${BASE}
  events: [{}]
  alerts: ${alerts}
`
    assert.equal((await run(scenario('first', '[Shell started]'))).status, 0)
    assert.equal((await run(scenario('all', '[Shell started, Again]'))).status, 0)
  })

  it('refuses a test file with the position, the expected value and the closest name', async () => {
    const refused = async (tests: string): Promise<string> => {
      const { status, stdout, stderr } = await run(tests)
      assert.deepEqual([status, stdout], [2, ''])
      return stderr
    }
    assert.match(await refused('- rule: x\n  fries: []\n'), /r\.test\.yaml: item 1: x: unknown key 'fries'; did you mean 'fires'\?/)
    assert.match(await refused('- rule: x\n  fires: [{name: n, wiht: {}}]\n'), /fires 1: unknown key 'wiht'; did you mean 'with'\?/)
    assert.match(await refused('- rule: x\n  silent: [{name: n, output: o}]\n'), /a silent case has no alert/)
    assert.match(await refused('- scenario: s\n  events: [{at: soon}]\n  alerts: []\n'), /event 1: at: expected a time/)
    assert.match(
      await refused('- scenario: s\n  events: [{repeat: 100001}]\n  alerts: []\n'),
      /repeat: expected a whole number from 1 to 100000/,
    )
    assert.match(
      await refused('- rule: x\n  record: {topic: file, pth: x}\n  silent: [{name: n}]\n'),
      /pth: no such part \(did you mean 'path'\?\)/,
    )
    assert.match(await refused('rule: x\n'), /expected a list/)
    assert.match(await refused('- rule: [\n'), /r\.test\.yaml: /)
  })

  it('names the rules that lack a side, and writes JUnit XML and JSON', async () => {
    const tests = `
- rule: Shell started
  ${BASE}
  fires: [{name: 'a <b> & "c" \\x1b'}]
  silent: [{name: zsh, with: {proc.name: zsh}}]
- rule: Untested
  silent: [{name: somebody, with: {evt.type: execve, proc.name: sh}}]
`
    const covered = await run(tests.replace("'a <b>", '"a <b>').replace(' "c" \\x1b\'', ' c \\e"'), '--coverage', '--junit', 'j.xml')
    assert.equal(covered.status, 0, covered.stderr)
    const rows = covered.stdout.split('\n').map((line) => line.trim().split(/ {2,}| (?=[A-Z])/))
    assert.ok(
      rows.some((row) => row.join() === ['none', '1', 'Untested'].join()),
      covered.stdout,
    )
    assert.match(covered.stdout, /1 of 4 rules are tested from both sides/)
    const junit = readFileSync(join(folder, 'j.xml'), 'utf8')
    assert.match(junit, /<testcase classname="Shell started" name="a &lt;b&gt; &amp; c \ufffd"\/>/)
    const json = JSON.parse((await run(tests, '--json')).stdout) as Record<string, unknown>
    assert.deepEqual([json['passed'], json['failed'], json['skipped'], (json['results'] as unknown[]).length], [3, 0, 0, 3])
  })

  it('runs only tests with a text in their name, and shows passed ones on request', async () => {
    const tests = `
- rule: Shell started
  ${BASE}
  fires: [{name: one}, {name: two}]
`
    assert.match((await run(tests, '--only', 'TWO', '--all')).stdout, /^pass Shell started: two\n1 test: 1 passed/)
    assert.match((await run(tests, '--only', 'three')).stderr, /none of 2 tests contains 'three'/)
  })
})

describe('the regression tests that Sigma rules name', () => {
  let root: string
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'eunomia-regression-'))
    mkdirSync(join(root, 'rules/windows'), { recursive: true })
    mkdirSync(join(root, 'regression_data/pipe'), { recursive: true })
    writeFileSync(
      join(root, 'rules/windows/pipe.yml'),
      `title: Pipe
id: 22222222-0000-4000-8000-000000000001
logsource: {product: windows, category: pipe_created}
detection: {s: {PipeName: '\\PIPE1'}, condition: s}
regression_tests_path: regression_data/pipe/info.yml
`,
    )
    const event = (name: string): object => ({ Event: { System: { EventID: 17 }, EventData: { PipeName: name } } })
    writeFileSync(
      join(root, 'regression_data/pipe/two.json'),
      [event('\\PIPE1'), event('\\other')].map((one) => JSON.stringify(one, null, 2)).join('\n'),
    )
  })
  after(() => rmSync(root, { recursive: true }))
  const run = async (info: string): Promise<EndedCommand> => {
    writeFileSync(join(root, 'regression_data/pipe/info.yml'), info)
    return await runInHost(['rules', 'test', join(root, 'rules'), '--all'])
  }
  const test = (name: string, count: number, file: string): string =>
    `    - {name: ${name}, type: evtx, match_count: ${String(count)}, path: regression_data/pipe/${file}}\n`

  it('count the matching events in the JSON file next to a recording', async () => {
    const { status, stdout } = await run(`regression_tests_info:\n${test('Positive', 1, 'two.evtx')}`)
    assert.equal(status, 0)
    assert.match(stdout, /^pass Pipe: Positive\n1 test: 1 passed, 0 failed\n$/)
  })
  it('fail with the count, and are skipped with a message without JSON', async () => {
    const { status, stdout } = await run(`regression_tests_info:\n${test('More', 2, 'two.evtx')}${test('Gone', 1, 'none.evtx')}`)
    assert.equal(status, 1)
    assert.match(stdout, /expected: the rule matches 2 of the events\n {5}got: {6}it matches 1 of 2/)
    assert.match(stdout, /^skip Pipe: Gone: evtx recordings are not supported, and there is no JSON/m)
    assert.match(stdout, /2 tests: 0 passed, 1 failed, 1 skipped/)
  })
})
