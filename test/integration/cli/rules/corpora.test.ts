// The rules commands on the rules that people have: everything of the public Falco and Sigma rules fits a terminal, and a hostile rule can't
// break out of it. Where the corpora are absent their part is skipped.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sharedPath } from '../../../support/shared-folder.js'
import { skipWithoutCorpora } from '../../../support/runner/skip-because.js'
import { type EndedCommand, runInHost } from '../../../support/system/command-host.js'

const CORPORA = sharedPath('corpora') ?? ''
// As many columns as an output has that is no terminal.
const WIDTH = 120

const rules = async (...args: string[]): Promise<EndedCommand> => await runInHost(['rules', ...args])

describe('the rules commands on public rules', () => {
  before(function () {
    if (CORPORA === '') skipWithoutCorpora(this)
  })

  it('check all of them without an error, in tables that fit', async () => {
    const { status, stdout, stderr } = await rules('check', CORPORA)
    assert.equal(status, 0, stderr)
    assert.match(stdout, /253 files, 345 rules .*, 0 errors/)
    // Lines of problems are as long as their message.
    const table = stdout.slice(stdout.indexOf('below '))
    for (const line of table.split('\n')) assert.ok(line.length <= WIDTH, line)
  })

  it('list and explain each of the 93 Falco rules within the width', async () => {
    const list = await rules('list', join(CORPORA, 'falco'))
    assert.equal(list.status, 0, list.stderr)
    for (const line of list.stdout.split('\n')) assert.ok(line.length <= WIDTH, line)
    const { stdout } = await rules('explain', 'Write below etc', join(CORPORA, 'falco'))
    for (const line of stdout.split('\n')) assert.ok(line.length <= WIDTH, line)
    assert.match(stdout, /\(macro write_etc_common\)/)
    assert.match(stdout, /… [0-9]+ more\)/)
  })

  it('report the same to programs as to people', async () => {
    const { stdout } = await rules('check', '--json', join(CORPORA, 'falco'))
    const report = JSON.parse(stdout) as { ok: boolean; counts: { rules: number; enabled: number }; files: unknown[] }
    assert.deepEqual([report.ok, report.counts.rules, report.counts.enabled, report.files.length], [true, 97, 81, 5])
  })
})

describe('the rules commands on a hostile file', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-hostile-'))
    const text = '\\e]0;owned\\a\\e[31m\\u202e\\nfake: line'
    writeFileSync(
      join(folder, 'r.yaml'),
      `- list: "${text}"\n  items: ["${text}"]
- macro: unused
  condition: proc.name = "x"
- rule: "good ${text}"
  desc: "${text}"
  condition: evt.type = execve and proc.name in ("\\e[31m", b, c, d)
  output: "${text} %proc.name"
  priority: INFO
  tags: ["${text}"]
- rule: "bad ${text}"
  desc: d
  condition: nosuch
  output: o
  priority: INFO
`,
    )
    writeFileSync(
      join(folder, 'r.test.yaml'),
      `- rule: "good ${text}"\n  base: {evt.type: execve, proc.name: "\\e[31m"}\n  fires: [{name: "${text}", output: "${text}"}]\n  silent: [{name: n}]\n`,
    )
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const args of [
    ['check'],
    ['check', '--all'],
    ['list'],
    ['explain', 'good'],
    ['test', '--all', '--coverage'],
    ['eval', '--event', '-', '--explain'],
  ] as const) {
    it(`never write a control character or a forged line: ${args.join(' ')}`, async () => {
      const [command, ...flags] = args
      const input = '{"evt.type":"execve","proc.name":"\\u001b[31m"}'
      const { stdout, stderr } = await runInHost(['rules', command, ...flags, folder], { input })
      assert.notEqual(stdout + stderr, '')
      assert.doesNotMatch(stdout + stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]|^fake: line/m)
    })
  }
})
