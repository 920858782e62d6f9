// `rules eval`: the events of a file evaluated for people, and with one JSON answer an event for programs.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EndedCommand, runInHost } from '../../../support/system/command-host.js'

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

describe('rules eval', () => {
  let folder: string
  let rules: string
  let event: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-eval-'))
    rules = join(folder, 'r.yaml')
    event = join(folder, 'e.json')
    writeFileSync(rules, RULES)
    const inContainer = { topic: 'process', type: 'exec', syscall: 'execve', process: { name: 'sh', containerId: 'a'.repeat(64) } }
    writeFileSync(event, `${JSON.stringify(inContainer)}\n{"evt.type":"execve","proc.name":"\\u001b[31mcat"}\n`)
  })
  after(() => rmSync(folder, { recursive: true }))
  const evaluate = async (args: readonly string[], input = ''): Promise<EndedCommand> =>
    await runInHost(['rules', 'eval', ...args], { input })

  it('reports for each event which rules match, which are pending and for what, and their alerts', async () => {
    const { status, stdout, stderr } = await evaluate([rules, '--event', event])
    assert.equal(status, 0, stderr)
    assert.deepEqual(stdout.split('\n'), [
      'event 1: process execve by sh',
      '  unknown  First',
      '           depends on container.name: unknown until container facts arrive',
      '  true     Second',
      '           Notice: second sh',
      '',
      'event 2: evt.type=execve proc.name=\\x1b[31mcat',
      '  none of 2 rules holds',
      '',
      '2 events, 2 rules, 1 alert, 1 verdict waits for facts',
      '',
    ])
  })
  it('lets an earlier pending rule hold back a later one when only the first match counts', async () => {
    const { stdout } = await evaluate([rules, '--event', event, '--matching', 'first'])
    assert.match(stdout, /true {5}Second \(an earlier rule matches first\)/)
    assert.match(stdout, /0 alerts/)
  })
  it('shows the tree of a rule selected by name, with values and verdicts', async () => {
    const { stdout } = await evaluate([rules, '--rule', 'second', '--event', '-', '--explain'], '{"evt.type":"execve","proc.name":"zsh"}')
    assert.deepEqual(stdout.split('\n').slice(0, 5), [
      'event 1: evt.type=execve proc.name=zsh',
      '  false    Second',
      '    false     and',
      '    true        evt.type = execve  ← evt.type "execve"',
      '    false       proc.name in (sh, bash)  ← proc.name "zsh"',
    ])
  })
  it('does not evaluate a rule on a record of another type, and names the type of the rule', async () => {
    const open = '{"topic":"file","syscall":"openat","path":"/x"}'
    const named = (await evaluate([rules, '--rule', 'second', '--event', '-', '--explain'], open)).stdout
    assert.match(named, /^ {2}false {4}Second \(not evaluated: it is about events execve\)$/m)
    assert.match((await evaluate([rules, '--event', '-'], open)).stdout, /^ {2}none of 2 rules is about such an event$/m)
    const answer = JSON.parse((await evaluate([rules, '--rule', 'second', '--event', '-', '--explain', '--json'], open)).stdout) as object
    const { explain } = { explain: [], ...answer } as { explain: { notAsked?: string }[] }
    assert.equal(explain[0]?.notAsked, 'it is about events execve')
  })
  it('takes a condition instead of rules, and a file of rules by its name', async () => {
    assert.match((await evaluate(['--condition', 'proc.name = sh', '--event', event])).stdout, /true {5}the condition/)
    assert.match((await evaluate(['--rule', rules, '--event', event])).stdout, /true {5}Second/)
  })
  it('counts the events of a correlation and reports when it fires', async () => {
    const file = join(folder, 'c.yml')
    const member = '33333333-0000-4000-8000-000000000001'
    writeFileSync(
      file,
      `title: Login
id: ${member}
logsource: {product: linux, category: process_creation}
detection: {s: {Image: /login}, condition: s}
---
title: Two logins
id: 33333333-0000-4000-8000-000000000002
correlation: {type: event_count, rules: [${member}], group-by: [User], timespan: 1m, condition: {gte: 2}}
level: high
`,
    )
    const events = ['00:00:00', '00:00:30', '01:00:00'].map((time) => `{"Image":"/login","User":"root","timestamp":"2026-01-01T${time}Z"}`)
    const { stdout, stderr } = await evaluate([file, '--event', '-'], events.join('\n'))
    assert.match(stdout, /^ {2}true {5}Login \(counted by a correlation, no alert of its own\)$/m, stderr)
    assert.match(stdout, /^events up to 2: Two logins\n {11}high: Two logins: 2 events in 1m \(User=root\)$/m)
    assert.match(stdout, /^3 events, 1 rule, 1 correlation, 1 alert$/m)
    const byName = await evaluate([file, '--rule', 'two logins', '--event', '-'], events.join('\n'))
    assert.match(byName.stdout, /^events up to 2: Two logins$/m, byName.stderr)
    assert.match(byName.stdout, /^3 events, 1 rule, 1 correlation, 1 alert$/m)
  })
  it('evaluates the events of several files in order, and from twenty events on shows only those that match a rule', async () => {
    const cat = '{"evt.type":"execve","proc.name":"cat"}\n'
    const { stdout, stderr } = await evaluate([rules, '--event', '-', '--event', event], cat.repeat(17))
    assert.match(stdout, /^event 1: evt\.type=execve proc\.name=cat\n {2}none of 2 rules holds$/m, stderr)
    assert.match(stdout, /^event 18: process execve by sh$/m)
    const many = (await evaluate([rules, '--event', '-', '--event', event], cat.repeat(18))).stdout.split('\n')
    assert.equal(many[0], 'event 19: process execve by sh')
    assert.ok(many.includes('20 events, 2 rules, 1 alert, 1 verdict waits for facts, 19 events without a hit not shown'), many.join('\n'))
    const byName = (await evaluate([rules, '--rule', 'second', '--explain', '--event', '-'], cat.repeat(20))).stdout
    assert.match(byName, /^event 20: /m)
  })
  it('prints one JSON object for each event', async () => {
    const { stdout } = await evaluate([rules, '--event', event, '--json', '--explain'])
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    assert.deepEqual(first?.['rules'], ['Second'])
    assert.deepEqual(first?.['waiting'], [{ rule: 'First', on: ['container.name'] }])
    assert.equal((first?.['explain'] as unknown[]).length, 2)
    assert.deepEqual([second?.['event'], second?.['rules']], [1, []])
  })
  it('ends with status 2 and what is missing or wrong', async () => {
    const stderr = async (args: readonly string[], input = ''): Promise<string> => {
      const ended = await evaluate(args, input)
      assert.equal(ended.status, 2, ended.stderr)
      return ended.stderr
    }
    assert.match(await stderr([]), /give --event FILE, or --json/)
    assert.match(await stderr([rules, '--event', '-']), /no event in it/)
    assert.match(await stderr([rules, '--event', '-'], '{'), /standard input:1: invalid JSON/)
    assert.match(await stderr([rules, '--rule', 'Secnd', '--event', event]), /did you mean 'Second'\?/)
    assert.match(await stderr(['--condition', 'proc.nmae = x', '--event', event]), /did you mean 'proc\.name'\?/)
    assert.match(await stderr(['--condition', 'proc.name = x', rules, '--event', event]), /leave out --rule and paths/)
    assert.match(await stderr([rules, '--event', event, '--matching', 'last']), /expected first or all/)
  })
})
