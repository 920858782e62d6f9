// The commands below `rules` with rules from the settings: from a file, the environment and flags, as `run` takes them.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandSurroundings, type EndedCommand, runInHost } from '../../../support/system/command-host.js'

const rule = (name: string, priority: string): string =>
  `- rule: ${name}\n  desc: d\n  condition: evt.type = execve and proc.name = sh\n  output: o\n  priority: ${priority}\n`
const TESTS = `- rule: First
  base: { evt.type: execve, proc.name: sh }
  fires: [{ name: sh, with: {} }]
`

describe('settings of the rules commands', () => {
  let folder: string
  let settings: string
  let event: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-rules-settings-'))
    settings = join(folder, 'settings.yaml')
    event = join(folder, 'event.json')
    mkdirSync(join(folder, 'rules'))
    writeFileSync(join(folder, 'rules/r.yaml'), rule('First', 'WARNING') + rule('Second', 'NOTICE'))
    writeFileSync(join(folder, 'rules/r.test.yaml'), TESTS)
    writeFileSync(event, '{"evt.type":"execve","proc.name":"sh"}')
    writeFileSync(settings, JSON.stringify({ rules: { folders: [join(folder, 'rules/r.yaml')] } }))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const rules = async (args: readonly string[], surroundings: CommandSurroundings = {}): Promise<EndedCommand> =>
    await runInHost(['rules', ...args], { cwd: folder, ...surroundings })
  const listed = async (...args: readonly string[]): Promise<unknown[]> => {
    const { status, stdout, stderr } = await rules(['list', '--json', '--config', settings, ...args])
    assert.equal(status, 0, stderr)
    return (JSON.parse(stdout) as { name: string; enabled: boolean }[]).map(({ name, enabled }) => [name, enabled])
  }
  const matches = async (...args: readonly string[]): Promise<unknown> => {
    const { status, stdout, stderr } = await rules(['eval', '--event', event, '--json', '--config', settings, ...args])
    assert.equal(status, 0, stderr)
    return (JSON.parse(stdout) as { rules: string[] }).rules.length
  }

  it('supply paths, switches and priority if no path or flag does', async () => {
    assert.deepEqual(await listed(), [
      ['First', true],
      ['Second', true],
    ])
    assert.deepEqual(await listed('--set', 'rules.switches=disable Second'), [
      ['First', true],
      ['Second', false],
    ])
    assert.deepEqual(await listed('--set', 'rules.switches=disable Second', '--disable', 'First'), [
      ['First', false],
      ['Second', true],
    ])
    assert.deepEqual(await listed('--set', 'rules.minimumPriority=warning'), [['First', true]])
  })
  it('come from the environment, too', async () => {
    const { stdout } = await rules(['list', '--state', 'off', join(folder, 'rules/r.yaml')], {
      environment: { EUNOMIA_RULES_SWITCHES: 'disable Sec*' },
    })
    assert.match(stdout, /Second/)
    assert.doesNotMatch(stdout, /First/)
  })
  it('decide which matching rules count, unless the flag does', async () => {
    assert.equal(await matches(), 2)
    assert.equal(await matches('--set', 'rules.matching=first'), 1)
    assert.equal(await matches('--set', 'rules.matching=first', '--matching', 'all'), 2)
  })
  it('are in force in check, explain, plan and convert', async () => {
    const report = JSON.parse((await rules(['check', '--json', '--config', settings])).stdout) as { files: unknown }
    assert.match(JSON.stringify(report), /r\.yaml/)
    assert.match((await rules(['explain', 'Second', '--config', settings])).stdout, /Second/)
    assert.equal((await rules(['explain', 'Second', '--config', settings, '--set', 'rules.minimumPriority=warning'])).status, 2)
    assert.match((await rules(['plan', '--config', settings])).stdout, /for 2 rules/)
    assert.match((await rules(['plan', '--config', settings, '--set', 'rules.switches=disable First'])).stdout, /for 1 rule\n/)
    assert.match((await rules(['convert', '--to', 'sigma', '--config', settings])).stderr, / of 2 converted/)
  })
  it('name the folder whose tests run', async () => {
    const { status, stdout, stderr } = await rules(['test', '--json', '--set', `rules.folders=${folder}/rules`, '--only', 'First'])
    assert.equal(status, 0, stderr)
    assert.equal((JSON.parse(stdout) as { passed: number }).passed, 1)
  })
  it('are no success of rules check if a folder has no rule file', async () => {
    mkdirSync(join(folder, 'empty'))
    writeFileSync(join(folder, 'empty/notes.txt'), 'rules')
    const { status, stdout, stderr } = await rules(['check', 'empty'])
    assert.deepEqual([status, stdout], [2, ''])
    assert.match(stderr, /no rule file in empty: name a file or folder/)
  })
  it('end every command when they are misspelled, broken or absent', async () => {
    writeFileSync(join(folder, 'broken.yaml'), 'rules: [')
    for (const args of [
      ['check'],
      ['list'],
      ['explain', 'First'],
      ['test'],
      ['plan'],
      ['top'],
      ['convert', '--to', 'sigma'],
      ['fields'],
      ['parse', 'x'],
    ]) {
      const misspelt = await rules([...args, '--set', 'rules.swiches=x'])
      assert.deepEqual([misspelt.status, misspelt.stdout], [2, ''], args.join(' '))
      assert.match(misspelt.stderr, /no setting "rules\.swiches"; did you mean rules\.switches\?/)
    }
    for (const file of ['broken.yaml', 'nowhere.yaml']) {
      const { status, stdout, stderr } = await rules(['list', '--config', join(folder, file)])
      assert.deepEqual([status, stdout], [2, ''])
      assert.match(stderr, new RegExp(file))
    }
    const { status, stderr } = await rules(['list', '--set', 'rules.folders=/nowhere/rules'])
    assert.equal(status, 2)
    assert.match(stderr, /rules\.folders: \/nowhere\/rules: no such rule file or folder/)
  })
  it('change no answer to a request on stdin, which is self-contained', async () => {
    const set = ['--set', 'rules.switches=disable *', '--set', 'rules.minimumPriority=emergency', '--set', 'rules.matching=first']
    const text = rule('First', 'WARNING')
    const requests: readonly (readonly [readonly string[], object])[] = [
      [['eval', '--json'], { id: 1, rules: text, events: [{ 'evt.type': 'execve', 'proc.name': 'sh' }] }],
      [['check', '--json', '-'], { id: 2, format: 'falco', files: [{ name: 'r.yaml', text }] }],
      [['parse', '--json'], { id: 3, condition: 'proc.name = sh', level: 'compile' }],
    ]
    for (const [args, request] of requests) {
      const input = `${JSON.stringify(request)}\n`
      const plain = await rules(args, { input })
      const settled = await rules([...args, ...set], { input })
      assert.deepEqual([settled.status, settled.stdout], [0, plain.stdout], settled.stderr)
      const broken = await rules([...args, '--set', 'rules.swiches=x'], { input })
      assert.deepEqual([broken.status, broken.stdout], [2, ''])
    }
  })
})
