// Commands that load rules, as a person starts them, in a folder with files that were made to hang or end the program: each is left out with a
// message, and the others load.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { tryFiles } from '../../../../processors/rule-engine/load/trial-load.js'
import { mainFile } from '../../../support/runner/tiers.js'

const MAIN = mainFile()
const CAPTURE = join(packageRoot(), 'test/fixtures/captures/demo.capture')
const rule = (name: string, condition: string): string =>
  `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: WARNING\n`
const READS = 'evt.type in (open, openat) and fd.name = /etc/shadow'

/** Each alias has ten times what the one before has. */
const laughs = Array.from({ length: 9 }, (_, level) => `l${String(level)}: &l${String(level)} [${`*l${String(level - 1)},`.repeat(10)}]`)
const HOSTILE: readonly (readonly [name: string, text: string])[] = [
  ['brackets.yaml', '['.repeat(2_400_000)],
  ['endless.yaml', 'a: &a [*a, *a]\n'],
  ['laughs.yaml', ['l0: &l0 [x,x,x,x,x,x,x,x,x,x]', ...laughs.slice(1)].join('\n')],
  ['slow.yaml', rule('slow', `${READS} and evt.args regex "(.*a.{1000}){10}"`)],
  // Within the bounds of a file, but more than this program's memory.
  ['memory.yaml', '- aaaaaaaaaa\n'.repeat(195_000)],
]

describe('hostile rule files', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-hostile-'))
    for (const [name, text] of HOSTILE) writeFileSync(join(folder, name), text)
    writeFileSync(join(folder, 'good.yaml'), rule('good', READS))
    assert.equal(spawnSync('mkfifo', [join(folder, 'pipe.yaml')]).status, 0)
  })
  after(() => rmSync(folder, { recursive: true }))

  /** Without the bounds it hangs, and is ended, or is killed by its own memory. */
  function eunomia(...args: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
    return spawnSync(process.execPath, ['--max-old-space-size=160', MAIN, ...args], {
      encoding: 'utf8',
      timeout: 200_000,
      maxBuffer: 1 << 28,
      env: { PATH: process.env['PATH'], EUNOMIA_STATE_FOLDER: join(folder, '.state') },
    })
  }

  it('are each an error of rules check, which names them all and loads the rest', () => {
    const { status, stdout, stderr } = eunomia('rules', 'check', folder, '--json')
    assert.equal(status, 1, stderr)
    const { errors, rules } = JSON.parse(stdout) as {
      readonly errors: readonly { readonly file: string; readonly message: string }[]
      readonly rules: readonly { readonly name: string }[]
    }
    assert.deepEqual(
      rules.map(({ name }) => name),
      ['good'],
    )
    for (const name of [...HOSTILE.map(([file]) => file), 'pipe.yaml'])
      assert.ok(
        errors.some((error) => JSON.stringify(error).includes(join(folder, name))),
        name,
      )
    assert.match(JSON.stringify(errors), /loading takes more than \d+ MiB/)
  })

  it('are left out for expressions that take RE2 minutes to compile, which the load of all rules comes to', async () => {
    const slow = (index: number): string =>
      rule(`slow ${String(index)}`, `${READS} and fd.name regex "${'a{1,90}'.repeat(120)}${String(index)}"`)
    const files = [
      { name: 'expressions.yaml', text: Array.from({ length: 1000 }, (_, index) => slow(index)).join('') },
      { name: 'good.yaml', text: rule('good', READS) },
    ]
    const tried = await tryFiles(files, [], {}, { deadlineMs: 120_000, setMs: 3_000, fileMs: 3_000, maxMib: 1024 })
    assert.deepEqual(tried, {
      files: [files[1]],
      errors: [
        {
          code: 'LOAD_ERR_FILE_READ',
          message: 'loading takes longer than 3 s',
          item: null,
          place: { file: 'expressions.yaml', line: 1, column: 1 },
        },
      ],
    })
  })

  it('keep no command from starting: rules list shows the others, and run alerts by them', () => {
    const listed = eunomia('rules', 'list', ...['brackets', 'laughs', 'good'].map((name) => join(folder, `${name}.yaml`)), '--json')
    assert.equal(listed.status, 0, listed.stderr)
    assert.deepEqual(
      (JSON.parse(listed.stdout) as readonly { readonly name: string }[]).map(({ name }) => name),
      ['good'],
    )
    const run = eunomia('run', '--capture', CAPTURE, '--rules', folder, '--json')
    assert.equal(run.status, 0, run.stderr)
    assert.match(run.stdout, /"rule":"good"/)
    assert.match(run.stderr, /memory\.yaml: loading takes more than \d+ MiB/)
  })
})
