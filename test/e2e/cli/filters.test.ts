// What a person has the kernel leave out, of a running collector: by container, by settings, and by the rules. Needs root.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FilterReport } from '../../../collector/control/control-answers.js'
import type { Account } from '../../../collector/ledger/account.js'
import type { FileEvent } from '../../../schemas/generated/types.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { useDocker } from '../../support/services/docker.js'
import { askCommand, valuesOf } from '../../support/system/asked-command.js'
import { type EndedCommand, runInHost } from '../../support/system/command-host.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

const CONTAINERS = ['filtered-web', 'filtered-build'] as const
const RULE = `
- rule: Secret read
  desc: Test
  condition: evt.type in (open, openat, openat2) and evt.is_open_read = true and fd.name = PATH
  output: it was read
  priority: WARNING
`

describe('filters of a running collector', () => {
  let folder = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-filters-'))
  })
  const docker = useDocker()
  afterEach(async () => {
    await eunomia?.kill()
    for (const name of CONTAINERS) {
      await docker()
        .docker('rm', '-f', name)
        .catch(() => '')
    }
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const environment = (): Record<string, string> => ({ EUNOMIA_STATE_FOLDER: join(folder, 'state') })
  const start = (...args: string[]): EunomiaProcess =>
    (eunomia = new EunomiaProcess([...args, '--docker-socket', docker().socketPath], environment()))
  const asked = async (...args: string[]): Promise<EndedCommand> => await runInHost(args, { environment: environment() })
  const ask = async (...args: string[]): Promise<string> => await askCommand(args, environment())
  const suppressedOpens = async (): Promise<number> =>
    valuesOf<Account>(await ask('ledger', '--json'))
      .filter(({ kind }) => kind === 'open')
      .reduce((sum, { suppressed }) => sum + suppressed, 0)

  it('leave a container out by its name, also one that starts later, until they are cleared', async () => {
    const [web, build] = CONTAINERS
    await docker().runDetached(['--name', web], ['sleep', '600'])
    const running = start('collect', '--output', 'json', '--set', 'logLevel=info', '--set', 'collector.openReads=false')
    await running.says(/"msg":"collecting"/)
    type Printed = FileEvent & { readonly topic: string }
    const opensOf = (path: string): number =>
      running.lines
        .filter((line) => line.includes(path))
        .map((line) => JSON.parse(line) as Printed)
        .filter(({ topic, type, path: opened }) => topic === 'file' && type === 'open' && opened === path).length
    const openIn = async (name: string, path: string): Promise<void> => void (await docker().docker('exec', name, 'touch', path))
    await openIn(web, '/tmp/first-web')
    await running.until('an open of before', () => opensOf('/tmp/first-web') === 1)
    assert.match(
      (await asked('trackers', 'filter', '--except', `container=${build}`)).stderr,
      /any tenant's container: write RUNTIME\/NAME/,
    )
    assert.equal(await ask('trackers', 'filter', '--except', `container=docker/${build}`), `except container docker/${build}\n`)
    const leftOut = async (): Promise<number> => (JSON.parse(await ask('trackers', 'filter', '--json')) as FilterReport).cgroupsLeftOut
    assert.equal(await leftOut(), 0)
    await docker().runDetached(['--name', build], ['sleep', '600'])
    await running.until('its cgroup to be known', async () => (await leftOut()) > 0)
    const before = await suppressedOpens()
    await openIn(build, '/tmp/second-build')
    await openIn(web, '/tmp/second-web')
    await running.until('an open of another container', () => opensOf('/tmp/second-web') === 1)
    assert.equal(opensOf('/tmp/second-build'), 0)
    assert.ok((await suppressedOpens()) > before)
    assert.equal(await ask('trackers', 'filter', '--clear'), 'nothing is excluded\n')
    await openIn(build, '/tmp/third-build')
    await running.until('an open of it', () => opensOf('/tmp/third-build') === 1)
    assert.equal(await running.interrupt(), 0, running.stderr)
  })

  it('can be set in the settings, and an error there is reported with its fix', async () => {
    const running = start(
      'collect',
      '--output',
      'csv',
      '--set',
      'collector.filters.except=uid=0,port=9',
      '--set',
      'collector.filters.outcome=failed',
    )
    await running.says(/"msg":"collecting"/)
    assert.equal(await ask('trackers', 'filter'), 'except uid 0\nexcept port 9\ncalls that failed\n')
    assert.equal(await running.interrupt(), 0, running.stderr)
    const wrong = await asked('collect', '--output', 'csv', '--set', 'collector.filters.only=contianer=web')
    assert.equal(wrong.status, 2)
    assert.match(wrong.stderr, /no field "contianer"; did you mean container\?/)
    assert.doesNotMatch(wrong.stderr, /^ +at /m)
  })

  it('follow the rules in detect: of thousands of opens only those that a rule may match are emitted, the rest is counted', async () => {
    const [secret, other] = ['secret', 'other'].map((name) => join(folder, name)) as [string, string]
    for (const path of [secret, other]) writeFileSync(path, '')
    const rules = join(folder, 'rules.yaml')
    writeFileSync(rules, RULE.replace('PATH', secret))
    const running = start('run', '--rules', rules, '--json', '--set', 'collector.watch=detect', '--set', 'logLevel=info')
    await running.says(/"msg":"watching"/)
    const alerts = (): number => running.lines.length
    readFileSync(other)
    readFileSync(secret)
    await running.until('the first alert', () => alerts() === 1)
    const before = await suppressedOpens()
    for (let i = 0; i < 5000; i++) readFileSync(other)
    writeFileSync(secret, 'written, which no rule reads')
    assert.ok((await suppressedOpens()) >= before + 5000)
    for (let i = 0; i < 7; i++) readFileSync(secret)
    await running.until('an alert for each read', () => alerts() === 8)
    assert.equal(await running.interrupt(), 0, running.stderr)
    assert.equal(alerts(), 8)
  })
})
