// Flags and settings of every command that loads rules: the load options, and what is refused.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { addRuleFlags, loadOptionsOf, resolvedRules, type ResolvedRules, type RuleFlags } from '../../../../cli/rules/rule-flags.js'
import { addConfigOptions } from '../../../../cli/settings.js'

describe('flags of commands that load rules', () => {
  it('set no options if none is given', () => {
    assert.deepEqual(loadOptionsOf({}), {})
  })
  it('set priority, placeholders and pipelines in the order of the flags', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rule-flags-'))
    const [first, second] = [join(folder, 'b.yml'), join(folder, 'a.yml')]
    writeFileSync(first, 'name: b')
    writeFileSync(second, 'name: a')
    const options = loadOptionsOf({ minimumPriority: 'Warning', pipeline: [first, second], placeholder: ['x=1,2', 'x=3'] })
    assert.deepEqual(options, {
      minPriority: 'warning',
      pipelines: [
        { name: first, text: 'name: b' },
        { name: second, text: 'name: a' },
      ],
      placeholders: { x: ['1', '2', '3'] },
    })
    rmSync(folder, { recursive: true })
  })
  it('refuse what means nothing, by the name of the flag', () => {
    assert.throws(() => loadOptionsOf({ minimumPriority: 'warnin' }), /--minimum-priority: 'warnin' .* did you mean 'warning'/)
    assert.throws(() => loadOptionsOf({ pipeline: ['/nowhere/p.yml'] }), /--pipeline: \/nowhere\/p\.yml: no such/)
    assert.throws(() => loadOptionsOf({ placeholder: ['x'] }), /--placeholder: 'x' is no NAME=VALUE/)
  })
})

describe('settings of commands that load rules', () => {
  let folder: string
  let settings: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rule-settings-'))
    settings = join(folder, 'settings.yaml')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const resolve = (...args: readonly string[]): ResolvedRules => {
    const program = new Command()
    addConfigOptions(program)
    const found: ResolvedRules[] = []
    addRuleFlags(program.command('look')).action((flags: RuleFlags, command: Command) => void found.push(resolvedRules(command, flags)))
    program.parse(['--config', settings, 'look', ...args], { from: 'user' })
    return found[0] ?? assert.fail('the command did not run')
  }
  const switchTexts = ({ switches = [] }: ResolvedRules): string[] => switches.map(({ text }) => text)

  it('set all load options that no flag sets', () => {
    const pipeline = write('p.yml', 'name: p')
    const rules = {
      folders: ['mine'],
      pipelines: [pipeline],
      placeholders: ['admins=root,adm_*'],
      switches: ['disable *', 'enable tag:x'],
      minimumPriority: 'error',
      matching: 'all',
    }
    write('settings.yaml', JSON.stringify({ rules }))
    const resolved = resolve()
    assert.deepEqual(
      { ...resolved, switches: switchTexts(resolved) },
      {
        folders: ['mine'],
        pipelines: [{ name: pipeline, text: 'name: p' }],
        placeholders: { admins: ['root', 'adm_*'] },
        switches: ['disable *', 'enable tag:x'],
        minPriority: 'error',
        matching: 'all',
      },
    )
  })
  it('leave matching to the command when nobody set it', () => {
    write('settings.yaml', '{}')
    assert.equal(resolve().matching, undefined)
    write('settings.yaml', 'rules: {matching: first}')
    assert.equal(resolve().matching, 'first')
  })
  it('are overridden by flags, even if the setting is invalid', () => {
    const rules = { pipelines: ['/nowhere/p.yml'], placeholders: ['nothing'], switches: ['off x'], minimumPriority: 'error' }
    write('settings.yaml', JSON.stringify({ rules }))
    const flags = ['--pipeline', write('p.yml', 'name: p'), '--placeholder', 'a=1', '--disable', 'y', '--minimum-priority', 'Notice']
    const resolved = resolve(...flags)
    assert.deepEqual(resolved.pipelines, [{ name: join(folder, 'p.yml'), text: 'name: p' }])
    assert.deepEqual(resolved.placeholders, { a: ['1'] })
    assert.deepEqual(switchTexts(resolved), ['disable y'])
    assert.equal(resolved.minPriority, 'notice')
  })
  it('are refused by their name when they mean nothing', () => {
    const refused: readonly (readonly [object, RegExp])[] = [
      [{ pipelines: ['/nowhere/p.yml'] }, /^rules\.pipelines: \/nowhere\/p\.yml: no such/],
      [{ placeholders: ['nothing'] }, /^rules\.placeholders: 'nothing' is no NAME=VALUE/],
      [{ switches: ['disabel x'] }, /^rules\.switches: 'disabel x' is no switch: .* did you mean 'disable'/],
    ]
    for (const [rules, message] of refused) {
      write('settings.yaml', JSON.stringify({ rules }))
      assert.throws(() => resolve(), { code: 'EUNOMIA_USAGE', message })
    }
    assert.throws(
      () => resolve('--set', 'rules.swiches=x'),
      /flag --set: there is no setting "rules\.swiches"; did you mean rules\.switches\?/,
    )
  })
})
