// `rules new`, `plan` and `diff` as a person uses them: on real files, events of the recorded capture.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WatchPlan } from '../../../../infra/watch-plan/watch-plan.js'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { runCommand } from '../../../support/system/asked-command.js'
import { type EndedCommand, runInHost } from '../../../support/system/command-host.js'

const CAPTURE = join(packageRoot(), 'test/fixtures/captures/demo.capture')

const rules = async (...args: string[]): Promise<EndedCommand> => await runInHost(['rules', ...args])

const READS = (path: string, rule: string): string =>
  `- rule: ${rule}\n  desc: d\n  condition: evt.type in (open, openat) and evt.is_open_read = true and fd.name = ${path}\n  output: "%fd.name by %proc.name in %container.name"\n  priority: WARNING\n`

describe('rules new, plan and diff', () => {
  let folder: string
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }

  before(() => (folder = mkdtempSync(join(tmpdir(), 'eunomia-compare-'))))
  after(() => rmSync(folder, { recursive: true }))

  for (const kind of ['exec', 'file', 'network']) {
    it(`new --kind ${kind} writes a rule that loads without a warning and passes its tests`, async () => {
      const target = join(folder, kind)
      const made = await rules('new', `It's "${kind}": a #1 & rule`, '--kind', kind, '--folder', target)
      assert.deepEqual([made.status, made.stderr], [0, ''])
      assert.match(made.stdout, new RegExp(`it-s-${kind}-a-1-rule\\.test\\.yaml`))
      const checked = JSON.parse((await rules('check', target, '--json')).stdout) as {
        ok: boolean
        warnings: unknown[]
        rules: { name: string }[]
      }
      assert.deepEqual([checked.ok, checked.warnings, checked.rules.map(({ name }) => name)], [true, [], [`It's "${kind}": a #1 & rule`]])
      const tested = await rules('test', target)
      assert.equal(tested.status, 0, tested.stdout + tested.stderr)
      assert.match(tested.stdout, /2 passed, 0 failed/)
    })
  }

  it('new never overwrites a file', async () => {
    const path = write('mine.test.yaml', 'kept')
    const { status, stderr } = await rules('new', 'mine', '--folder', folder)
    assert.deepEqual([status, stderr], [2, `eunomia: ${path} already exists: choose another name or folder\n`])
    assert.equal(readFileSync(path, 'utf8'), 'kept')
  })

  it('plan --json is a plan that a collector can read, plan a table of it', async () => {
    const file = write('shadow.yaml', READS('/etc/shadow', 'shadow read'))
    const plan = JSON.parse((await rules('plan', file, '--json')).stdout) as WatchPlan
    assert.deepEqual([plan.version, plan.mode, plan.watches.length], [1, 'detect', 1])
    const { stdout } = await rules('plan', file)
    assert.match(
      stdout,
      /^1 watch for 1 rule\n\nTOPIC +TYPES +ONLY +RULES +FILES\nfile +open,openat +read +1 +\/etc\/shadow\n\nRULE +THE KERNEL DECIDES\nshadow read +open,openat: read: 1 path\n$/,
    )
  })

  it('plan --on has the share of recorded events that each rule lets through', async () => {
    const events = write('events.jsonl', runCommand(['collect', '--capture', CAPTURE, '--output', 'json']).stdout)
    const file = write('two.yaml', READS('/etc/shadow', 'shadow read') + READS('/opt/never-there', 'other'))
    const {
      events: all,
      covered,
      rules: shares,
    } = JSON.parse((await rules('plan', file, '--on', events, '--json')).stdout) as {
      events: number
      covered: number
      rules: { name: string; events: number }[]
    }
    const read = readFileSync(events, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"path":"/etc/shadow"') && line.includes('"isRead":true'))
    assert(all > 20 && read.length > 0)
    assert.deepEqual([covered, ...shares.map((rule) => rule.events)], [read.length, read.length, 0])
    const { stdout } = await rules('plan', file, '--on', events)
    assert.match(
      stdout,
      /^\d+ events, of which the rules let \d+ through \(\d+\.\d\d %\)\n.*\n\nLETS THROUGH +RULE +THE KERNEL DECIDES\n\d\.\d\d % +shadow read +open.*\n0 % +other/,
    )
  })

  it('plan refuses an unknown mode', async () => {
    const { status, stderr } = await rules('plan', '--mode', 'all')
    assert.equal(status, 2)
    assert.match(stderr, /Allowed choices are detect, forensic/)
  })

  it('diff shows which rules changed, and which alerts appear and disappear on recorded events', async () => {
    const events = write('events.jsonl', runCommand(['collect', '--capture', CAPTURE, '--output', 'json']).stdout)
    const before = write('before.yaml', READS('/etc/shadow', 'read of a file'))
    const after = write('after.yaml', READS('/etc/passwd', 'read of a file'))
    const { status, stdout } = await rules('diff', before, after, '--events', events)
    assert.equal(status, 0)
    assert.match(stdout, /^~ read of a file: meaning\n/)
    assert.match(stdout, /^ +- +fd\.name = \/etc\/shadow\n +\+ +fd\.name = \/etc\/passwd\n/m)
    assert.match(stdout, /^0 removed, 0 added, 1 changed, 0 the same\n/m)
    assert.match(stdout, /^- read of a file: \/etc\/shadow by \w+ in [a-z]\S+$/m)
    const same = await rules('diff', before, before, '--events', events, '--exit-code')
    assert.equal(same.status, 0)
    assert.match(same.stdout, /no alert comes, none goes\n$/)
    assert.equal((await rules('diff', before, after, '--exit-code')).status, 1)
  })

  it('list and run use the enabled rules, and report a switch that matches no rule', async () => {
    const text = READS('/etc/shadow', 'read of shadow') + READS('/etc/passwd', 'read of passwd')
    const file = write('switched.yaml', text)
    const listed = await rules('list', file, '--disable', '*shadow', '--disable', 'nothing', '--state', 'on', '--json')
    assert.deepEqual(
      (JSON.parse(listed.stdout) as { name: string }[]).map(({ name }) => name),
      ['read of passwd'],
    )
    assert.match(listed.stderr, /^no rule matches: disable nothing$/m)
    const ran = runCommand(['run', '--capture', CAPTURE, '--rules', file, '--disable', '*', '--enable', 'read of shadow', '--json'])
    const alerts = ran.stdout.split('\n').filter((line) => line !== '')
    assert.ok(alerts.length > 0)
    for (const line of alerts) assert.equal((JSON.parse(line) as { rule: string }).rule, 'read of shadow')
    const refused = await runInHost(['run', '--capture', CAPTURE, '--set', 'rules.switches=["off x"]'])
    assert.equal(refused.status, 2)
    assert.match(refused.stderr, /rules\.switches: .*is no switch: expected 'enable NAME' or 'disable NAME'/)
  })
})
