// What a running collector watches is changed by hand and by the rules. Needs root.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrackerReport } from '../../../collector/control/control-answers.js'
import type { Account } from '../../../collector/ledger/account.js'
import type { FileEvent } from '../../../schemas/generated/types.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { askCommand, runCommand, valuesOf } from '../../support/system/asked-command.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { waitFor } from '../../support/wait-for.js'

const RULE = (type: string): string => `
- rule: Test of the plan
  desc: Test
  condition: evt.type = ${type}
  output: it happened
  priority: WARNING
`

describe('trackers of a running collector', () => {
  let folder = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-trackers-'))
  })
  afterEach(async () => {
    await eunomia?.kill()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const environment = (): Record<string, string> => ({ EUNOMIA_STATE_FOLDER: join(folder, 'state') })
  const start = (...args: string[]): EunomiaProcess =>
    (eunomia = new EunomiaProcess([...args, '--docker-socket', join(folder, 'no.sock')], environment()))
  const ask = async (...args: string[]): Promise<string> => await askCommand(args, environment())
  const stateOf = async (name: string): Promise<string> =>
    valuesOf<TrackerReport>(await ask('trackers', 'list', '--json')).find((tracker) => tracker.name === name)?.state ?? 'none'

  const missingFiles = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const asking = request({ socketPath: join(folder, 'state/control.sock'), path: '/metrics' }, (response) => {
        let page = ''
        response.setEncoding('utf8').on('data', (text: string) => (page += text))
        response.once('end', () =>
          resolve(Number(/counter="sequence\.file\.missing"\} (\d+)/.exec(page)?.[1] ?? assert.fail('no counter'))),
        )
      })
      asking.once('error', reject).end()
    })
  const droppedFiles = async (): Promise<number> =>
    valuesOf<Account>(await ask('ledger', '--json'))
      .filter(({ topic }) => topic === 'file')
      .reduce((sum, { droppedRing }) => sum + droppedRing, 0)

  it('stop one, whose events cease while the others continue without a gap, and start it again', async () => {
    const running = start('collect', '--output', 'json', '--pid', String(process.pid))
    await running.says(/"msg":"collecting"/)
    const act = (name: string): void => {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'file'), '')
    }
    type Printed = FileEvent & { readonly topic: string }
    const printed = (part: string): Printed[] =>
      running.lines.filter((line) => line.includes(part)).map((line) => JSON.parse(line) as Printed)
    const ofPath = (type: string, path: string): number =>
      printed(join(folder, path)).filter((event) => event.type === type && event.path === join(folder, path)).length
    act('first')
    await ask('trackers', 'stop', 'opens')
    act('second')
    await ask('trackers', 'start', 'opens')
    act('third')
    await running.until('the last open', () => ofPath('open', 'third/file') === 1)
    assert.deepEqual(
      ['first', 'second', 'third'].map((name) => [ofPath('mkdir', name), ofPath('open', `${name}/file`)]),
      [
        [1, 1],
        [1, 0],
        [1, 1],
      ],
    )
    // What is missing in the sequences of files was dropped by a full ring, and counted: nothing by the switch.
    await running.until('no gap but by drops', async () => (await missingFiles()) === (await droppedFiles()))
    assert.equal(await running.interrupt(), 0, running.stderr)
  })

  it('report a ledger whose lines add up', async () => {
    const running = start('collect', '--output', 'csv')
    await running.says(/"msg":"collecting"/)
    for (let count = 0; count < 5; count++) spawnSync('/bin/true')
    const accounts = valuesOf<Account>(await ask('ledger', '--json'))
    assert.ok((accounts.find(({ kind }) => kind === 'exec')?.emitted ?? 0) > 0)
    for (const account of accounts) {
      const { emitted, published, droppedRing, droppedCollector, droppedSpool, suppressed, inFlight } = account
      assert.equal(published + droppedRing + droppedCollector + droppedSpool + suppressed + inFlight, emitted, JSON.stringify(account))
      assert.ok(inFlight >= 0)
    }
    assert.match(await ask('ledger'), /^TOPIC +KIND +EMITTED +PUBLISHED/)
  })

  it('watch in detect what the rules read, also after the rules change', async () => {
    const rules = join(folder, 'rules.yaml')
    writeFileSync(rules, RULE('mkdir'))
    const running = start('run', '--rules', rules, '--json', '--set', 'collector.watch=detect', '--set', 'logLevel=info')
    await running.says(/"msg":"watching"/)
    assert.deepEqual(await Promise.all(['files', 'opens', 'signals', 'processes'].map(stateOf)), ['partly', 'off', 'off', 'partly'])
    mkdirSync(join(folder, 'watched'))
    await running.until('an alert', () => running.stdout.includes('Test of the plan'))
    writeFileSync(rules, RULE('openat'))
    await waitFor('the new plan', async () => (await stateOf('opens')) === 'on')
    assert.equal(await stateOf('files'), 'off')
    const alerts = running.stdout.split('\n').length
    readFileSync(rules)
    await running.until('an alert by the new rule', () => running.stdout.split('\n').length > alerts)
  })

  it('need a running collector, and report that none runs', () => {
    const { status, stderr } = runCommand(['trackers', 'list'], { EUNOMIA_STATE_FOLDER: join(folder, 'nobody') })
    assert.equal(status, 1)
    assert.match(stderr, /no collector is running/)
  })
})
