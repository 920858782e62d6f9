// The command line as a process: exit status, where things are printed, help of every command.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import type { Command } from 'commander'
import { buildProgram } from '../../../cli/program.js'
import { mainFile } from '../../support/runner/tiers.js'
import { type EndedCommand, runInHost } from '../../support/system/command-host.js'

const MAIN = mainFile()

function eunomia(args: readonly string[], environment: Record<string, string> = {}) {
  const { PATH = '', HOME = '' } = process.env
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { PATH, HOME, ...environment }, cwd: '/', timeout: 20_000 })
}

/** The same without a process of its own. */
async function answer(words: readonly string[], environment: Record<string, string> = {}): Promise<EndedCommand> {
  return await runInHost(words, { environment: { HOME: process.env['HOME'] ?? '', ...environment } })
}

/** Commands that do something: those without commands below them. */
function leaves(command: Command): Command[] {
  const below = command.commands.filter((child) => !['help', 'complete'].includes(child.name()))
  return below.length === 0 ? [command] : below.flatMap(leaves)
}

function pathOf(command: Command): string {
  return command.parent === null ? '' : `${pathOf(command.parent)} ${command.name()}`.trim()
}

describe('the command line', () => {
  it('shows help with examples for every command', async () => {
    const commands = leaves(await buildProgram())
    assert.ok(commands.length > 0)
    for (const command of commands) {
      let text = ''
      command.configureOutput({ writeOut: (part) => (text += part) })
      command.outputHelp()
      assert.match(text, /^Examples:\n {2}\S/m, `${pathOf(command)} has no examples`)
    }
  })

  it('creates only the named command, whatever its position, and all commands for help and completion', async () => {
    const namesOf = async (...words: string[]): Promise<string[]> => (await buildProgram(words)).commands.map((command) => command.name())
    const all = await namesOf()
    const COMPLETION = ['completion', 'complete']
    for (const name of all.filter((each) => !COMPLETION.includes(each))) {
      assert.deepEqual(await namesOf('--json', name), [name])
      assert.deepEqual((await namesOf('complete', '--', name, '')).sort(), [name, ...COMPLETION].sort())
      assert.deepEqual(await namesOf('complete', '--', name), all, 'it is being typed')
    }
    assert.deepEqual((await namesOf('completion')).sort(), [...COMPLETION].sort())
    for (const word of ['--help', '-h', 'help', 'nonsense']) assert.deepEqual(await namesOf(word), all)
    assert.deepEqual(await namesOf('contaners', 'process'), all)
    assert.deepEqual(await namesOf('--set', 'kafka.lingerMs=5', 'run'), ['run'])
  })

  it('prints help of the program on stdout with status 0', () => {
    const { status, stdout, stderr } = eunomia(['--help'])
    assert.equal(status, 0)
    assert.match(stdout, /^Usage: eunomia/)
    assert.equal(stderr, '')
  })

  it('ends with 2 and names the nearest command', () => {
    const { status, stdout, stderr } = eunomia(['conifg'])
    assert.equal(status, 2)
    assert.match(stderr, /unknown command 'conifg'\n\(Did you mean config\?\)/)
    assert.equal(stdout, '')
  })

  it('ends with 2 and names the nearest flag', async () => {
    const { status, stderr } = await answer(['config', '--jsno'])
    assert.equal(status, 2)
    assert.match(stderr, /unknown option '--jsno'\n\(Did you mean --json\?\)/)
  })

  it('ends with 2 and names the nearest setting, without a stack', async () => {
    const { status, stderr } = await answer(['config', '--set', 'kafka.linger=3'])
    assert.equal(status, 2)
    assert.match(stderr, /^eunomia: flag --set: there is no setting "kafka\.linger"; did you mean kafka\.lingerMs\?\n$/)
  })

  it('prints settings as JSON lines with their sources, and no secret', async () => {
    const { status, stdout } = await answer(['config', '--json', '--changed'], { EUNOMIA_KAFKA_SASL_PASSWORD: 'hunter2' })
    assert.equal(status, 0)
    assert.deepEqual(JSON.parse(stdout), {
      path: 'kafka.sasl.password',
      value: '********',
      source: 'environment EUNOMIA_KAFKA_SASL_PASSWORD',
    })
  })

  it('refuses a query in an address, where a secret would be visible, and does not show it', async () => {
    const addresses = { EUNOMIA_REDIS_URL: 'redis://h/0?password=hunter2', EUNOMIA_SCHEMAS_REGISTRY_URL: 'http://h/?token=hunter2' }
    for (const [name, address] of Object.entries(addresses)) {
      for (const command of ['config', 'doctor']) {
        const { status, stdout, stderr } = await answer([command], { [name]: address })
        assert.equal(status, 2, command)
        assert.match(stderr, new RegExp(`^eunomia: environment ${name}: .*\\.(url|registryUrl) must be .* without a query`))
        assert.doesNotMatch(stdout + stderr, /hunter2/)
      }
    }
  })

  it('shows what a terminal would obey in arguments and names instead of passing it on', async () => {
    const hostile = '\u001b[2J\u009b31m\u202ex\neunomia: all is well'
    const mistakes = [[hostile], ['config', `--${hostile}`], ['config', '--set', `${hostile}=1`], ['rules', 'explain', hostile]]
    for (const args of mistakes) {
      const { status, stderr } = await answer(args)
      assert.equal(status, 2, args.join(' '))
      assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|^eunomia: all is well/m)
      assert.match(stderr, /\\u202ex/)
    }
  })

  it('ends quietly when nobody reads its output on', () => {
    const script = `"${process.execPath}" "${MAIN}" config | head -n 1; exit "\${PIPESTATUS[0]}"`
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', timeout: 20_000 })
    assert.equal(status, 0)
    assert.match(stdout, /^SETTING/)
    assert.equal(stderr, '')
  })

  it('prints no colours when its output is no terminal', () => {
    assert.doesNotMatch(eunomia(['config', '--set', 'a=b']).stderr, /\u001b/)
  })

  it('completes commands', async () => {
    const { stdout } = await answer(['complete', '--', 'conf'])
    assert.match(stdout, /^config\t/)
  })
})
