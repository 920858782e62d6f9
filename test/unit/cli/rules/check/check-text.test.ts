// What `rules check` shows: lines of problems, counts by file and folder, what waiting rules wait for.
import assert from 'node:assert/strict'
import {
  countTable,
  notLiveTable,
  waitingTable,
  errorLines,
  excludedLines,
  warningLines,
} from '../../../../../cli/rules/check/check-text.js'
import {
  fileCounts,
  notLiveRules,
  totalCounts,
  waitingFor,
  type FileCounts,
} from '../../../../../processors/rule-engine/workbench/check/load-counts.js'
import { colorsFor } from '../../../../../cli/terminal/terminal-text.js'
import type { Diagnostic } from '../../../../../processors/rule-engine/read/diagnostics.js'
import { loadRules } from '../../../../../processors/rule-engine/load/load-rules.js'

const STYLE = { colors: colorsFor({}), isEach: false }
const rule = (name: string, condition: string, more = ''): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n${more}`
const file = (name: string, change: Partial<FileCounts> = {}): FileCounts => ({
  name,
  isOk: true,
  isUnreadable: false,
  languages: ['sigma'],
  rules: 2,
  loaded: 2,
  enabled: 2,
  evaluable: 1,
  live: 1,
  waiting: 1,
  excluded: 0,
  skipped: 0,
  ...change,
})

describe('the counts of `rules check`', () => {
  const files = [
    {
      name: 'a.yaml',
      text:
        rule('good', 'evt.type = execve') +
        rule('off', 'evt.type = execve', '  enabled: false\n') +
        rule('waits', 'evt.type = nanosleep') +
        rule('waits too', 'evt.type = nanosleep') +
        rule('broken', 'no.such = 1') +
        rule('elsewhere', 'evt.type = execve', '  source: k8s_audit\n'),
    },
    { name: 'b.yaml', text: '- rule: [' },
  ]
  const loaded = loadRules(files)
  const counts = fileCounts(
    loaded,
    files.map(({ name }) => name),
  )

  it('count the rules of each file by state', () => {
    const [first, second] = counts
    const { name, isOk, languages, rules, loaded: whole, enabled, evaluable, waiting, excluded, skipped } = first ?? file('')
    assert.deepEqual([name, isOk, languages], ['a.yaml', false, ['falco']])
    assert.deepEqual(
      { rules, whole, enabled, evaluable, waiting, excluded, skipped },
      { rules: 6, whole: 4, enabled: 3, evaluable: 1, waiting: 2, excluded: 1, skipped: 1 },
    )
    assert.deepEqual([second?.isUnreadable, second?.rules], [true, 0])
  })
  it('name the rules about events that no collector makes, and the events', () => {
    const text = rule('by handle', 'evt.type = pipe') + rule('live', 'evt.type in (openat, pipe)')
    const rules = notLiveRules(loadRules([{ name: 'c.yaml', text: text + rule('handle, off', 'evt.type = pipe', '  enabled: false\n') }]))
    assert.deepEqual(rules, [{ name: 'by handle', eventTypes: ['pipe'] }])
    assert.match(notLiveTable(rules, 100, false), /^NOT LIVE +EVENTS NOT EMITTED\nby handle +pipe\n$/)
    const many = Array.from({ length: 23 }, (_none, index) => ({ name: `rule ${String(index)}`, eventTypes: ['pipe'] }))
    assert.match(notLiveTable(many, 100, false), /\n3 more \(--all shows each\)\n$/)
    assert.equal(notLiveTable(many, 100, true).split('\n').length, 25)
  })
  it('sum up over files', () => {
    assert.deepEqual(totalCounts([file('x'), file('y', { skipped: 3 })]), {
      rules: 4,
      loaded: 4,
      enabled: 4,
      evaluable: 2,
      live: 2,
      waiting: 2,
      excluded: 0,
      skipped: 3,
    })
  })
  it('name what rules wait for, with how many wait for nothing else', () => {
    const [first, ...others] = waitingFor(loaded)
    assert.deepEqual([first?.rules, first?.onlyThis, others], [2, 2, []])
    assert.match(first?.reason ?? '', /nanosleep/)
  })
})

describe('the tables of `rules check`', () => {
  it('are of whole paths where the files have no folder in common, or only the root', () => {
    const shown = (...names: string[]): string[] =>
      countTable(
        names.map((name) => file(name)),
        120,
      )
        .split('\n')
        .filter((line) => /^\S+\.yaml /.test(line))
        .map((line) => line.split(' ')[0] ?? '')
    assert.deepEqual(shown('/etc/rules/a.yaml', 'rules/b.yaml'), ['/etc/rules/a.yaml', 'rules/b.yaml'])
    assert.deepEqual(shown('/etc/a.yaml', '/opt/b.yaml'), ['/etc/a.yaml', '/opt/b.yaml'])
    assert.deepEqual(shown('/a.yaml', '/b.yaml'), ['/a.yaml', '/b.yaml'])
    assert.deepEqual(shown('a.yaml', 'b.yaml'), ['a.yaml', 'b.yaml'])
    assert.deepEqual(shown('rules/x/a.yaml', 'rules/y/b.yaml'), ['x/a.yaml', 'y/b.yaml'])
  })

  it('have a row a file, names without what all begin with, and a sum', () => {
    const rows = countTable([file('/etc/rules/a.yaml'), file('/etc/rules/b.yaml')], 120)
      .trimEnd()
      .split('\n')
    assert.equal(rows[0], 'below /etc/rules/')
    assert.match(rows[1] ?? '', /^FILE {4}LANGUAGE {2}RULES {2}LOADED {2}ENABLED {2}EVALUABLE {2}LIVE {2}WAITING {2}EXCLUDED$/)
    assert.deepEqual(
      rows.slice(2).map((row) => row.split(/ +/)),
      [
        ['a.yaml', 'sigma', '2', '2', '2', '1', '1', '1', '0'],
        ['b.yaml', 'sigma', '2', '2', '2', '1', '1', '1', '0'],
        ['all', '4', '4', '4', '2', '2', '2', '0'],
      ],
    )
  })
  it('have a row a folder when there are many files', () => {
    const many = Array.from({ length: 60 }, (_, index) => file(`r/${index % 2 === 0 ? 'even' : 'odd'}/${String(index)}.yml`))
    const rows = countTable(many, 120).trimEnd().split('\n')
    assert.deepEqual(
      rows.slice(2).map((row) => row.split(/ {2,}/)[0]),
      ['even/ (30 files)', 'odd/ (30 files)', 'all'],
    )
  })
  it('stay within 120 columns, whatever files are called', () => {
    const long = [file(`${'x'.repeat(300)}.yaml`, { skipped: 1 }), file('\u001b[31m.yaml', { isUnreadable: true })]
    const table = countTable(long, 120) + waitingTable([{ reason: 'y'.repeat(400), rules: 3, onlyThis: 1 }], 120, false)
    for (const line of table.split('\n')) assert.ok(line.length <= 120, line)
    assert.equal(table.includes('\u001b'), false)
  })
  it('fold many reasons', () => {
    const reasons = Array.from({ length: 30 }, (_, index) => ({ reason: `r${String(index)}`, rules: 1, onlyThis: 1 }))
    assert.match(waitingTable(reasons, 120, false), /10 more \(--all shows each\)\n$/)
    assert.equal(waitingTable(reasons, 120, true).trimEnd().split('\n').length, 31)
  })
})

describe('the lines of problems', () => {
  const problem = (change: Partial<Diagnostic<string>> = {}): Diagnostic<string> => ({
    code: 'LOAD_UNUSED_LIST',
    message: 'unused',
    item: 'l',
    place: { file: 'f.yaml', line: 3, column: 5 },
    ...change,
  })
  it('begin with file, line and column, as compilers print them', () => {
    assert.deepEqual(errorLines([problem({ code: 'LOAD_ERR_VALIDATE' })], STYLE), ["f.yaml:3:5: error LOAD_ERR_VALIDATE 'l': unused"])
  })
  it('have no place in a file that can not be read', () => {
    assert.deepEqual(errorLines([problem({ code: 'LOAD_ERR_FILE_READ', item: null })], STYLE), ['f.yaml: error LOAD_ERR_FILE_READ unused'])
  })
  it('fold many warnings of one kind in one file, unless all are requested', () => {
    const many = [...Array.from({ length: 10 }, () => problem()), problem({ code: 'LOAD_UNKNOWN_KEY' })]
    const lines = warningLines(many, STYLE)
    assert.equal(lines.length, 5)
    assert.equal(lines[3], 'f.yaml: 7 more LOAD_UNUSED_LIST (--all shows each)')
    assert.equal(warningLines(many, { ...STYLE, isEach: true }).length, 11)
  })
  it('hold no control characters and no line ends of names and messages', () => {
    const [line = ''] = errorLines([problem({ item: 'a\u001b]0;x\u0007\nb', message: 'c\u202ed' })], STYLE)
    assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u202e]/)
  })
  it('name the rules that only rest on a mistake, and where it is', () => {
    const text = `- macro: m\n  condition: evt.type = execve and (\n${rule('user', 'm and proc.name = a')}`
    const lines = excludedLines(loadRules([{ name: 'f.yaml', text }]), STYLE)
    assert.equal(lines.length, 2)
    assert.match(lines[1] ?? '', /^ {2}rule 'user' {2}depends on 'm' \(f\.yaml:2\)$/)
  })
})
