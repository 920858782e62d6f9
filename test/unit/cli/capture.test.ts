// A recorded capture through the whole command line: real kernel bytes, no root, no services.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { CONTAINER_ID } from '../../fixtures/captures/demo-script.js'
import { runCommand } from '../../support/system/asked-command.js'
import { type EndedCommand, runInHost } from '../../support/system/command-host.js'

const CAPTURE = join(packageRoot(), 'test/fixtures/captures/demo.capture')
const RULES = `
- rule: Shadow read
  desc: the rule under test
  condition: evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.name=/etc/shadow and user.uid=0
  output: shadow read (container=%container.name)
  priority: CRITICAL
`

describe('a capture', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-capture-'))
    writeFileSync(join(folder, 'rules.yaml'), RULES)
  })
  after(() => {
    rmSync(folder, { recursive: true })
  })
  const environment = (): Record<string, string> => ({ HOME: process.env['HOME'] ?? '', EUNOMIA_STATE_FOLDER: join(folder, 'state') })
  const eunomia = async (...args: string[]): Promise<EndedCommand> => await runInHost(args, { environment: environment() })

  it('that can not be read is a mistake of the user, and so is one that is no file', () => {
    for (const [path, reason] of [
      [folder, 'is no file'],
      [join(folder, 'none'), 'does not exist'],
    ] as const) {
      const { status, stderr } = runCommand(['run', '--capture', path], environment())
      assert.deepEqual([status, stderr], [2, `eunomia: capture ${path} ${reason}\n`])
    }
  })

  it('is evaluated by run, which ends with it, and names the container as reported by its runtime', () => {
    const sink = join(folder, 'delivered.json')
    const flags = ['--rules', join(folder, 'rules.yaml'), '--sink', `file://${sink}`, '--json']
    const { status, stdout, stderr } = runCommand(['run', '--capture', CAPTURE, ...flags], environment())
    assert.equal(status, 0, stderr)
    assert.equal(readFileSync(sink, 'utf8'), stdout)
    assert.match(stderr, /delivered from memory: what is not delivered when this run ends is lost/)
    const alerts = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Alert)
    assert.equal(alerts.length, 1)
    assert.equal(alerts[0]?.containerId, CONTAINER_ID)
    assert.equal(alerts[0]?.container?.name, 'demo')
    assert.equal(alerts[0]?.container?.image, 'busybox:demo')
    assert.equal(alerts[0]?.origin.hostName, 'demo-host')
  })

  it('gives the same alerts each time', async () => {
    const run = async (): Promise<string> =>
      (await eunomia('run', '--capture', CAPTURE, '--rules', join(folder, 'rules.yaml'), '--json')).stdout
    const [first, second] = [await run(), await run()].map((text) => JSON.parse(text) as Alert)
    assert.equal(first?.alertId.length, 32)
    assert.equal(first.output, second?.output)
  })

  it('is printed by collect as a table of at most 120 columns, filtered by container', async () => {
    const { status, stdout, stderr } = await eunomia('collect', '--capture', CAPTURE, '--output', 'table', '--container', CONTAINER_ID)
    assert.equal(status, 0, stderr)
    const [heading, ...rows] = stdout.split('\n').filter((line) => line !== '')
    assert.match(heading ?? '', /^TIME +KIND +PID +USER +CONTAINER +PROCESS +DETAIL$/)
    assert.ok(rows.length > 10)
    assert.ok(rows.every((row) => row.length <= 120 && row.includes(CONTAINER_ID.slice(0, 12))))
  })

  it('is not published by mistake: collect replays it only to an output that was named', async () => {
    const { status, stderr } = await eunomia('collect', '--capture', CAPTURE)
    assert.equal(status, 2)
    assert.match(stderr, /--capture without --output: add --output json, csv or table; or --output kafka/)
  })

  it('is refused by name when it is not there or is none', async () => {
    const absent = await eunomia('run', '--capture', '/nonexistent.capture')
    assert.equal(absent.status, 2)
    assert.match(absent.stderr, /^eunomia: capture \/nonexistent\.capture does not exist\n$/)
    writeFileSync(join(folder, 'none.capture'), 'hello\n')
    const none = await eunomia('run', '--capture', join(folder, 'none.capture'))
    assert.equal(none.status, 2)
    assert.match(none.stderr, /none\.capture is invalid at byte \d+/)
  })

  it('is refused with rules that do not load: file, line, column', async () => {
    writeFileSync(join(folder, 'bad.yaml'), '- rule: r\n  desc: d\n  condition: evt.type = = open\n  output: o\n  priority: INFO\n')
    const { status, stderr } = await eunomia('run', '--capture', CAPTURE, '--rules', join(folder, 'bad.yaml'))
    assert.equal(status, 2)
    assert.match(stderr, /bad\.yaml:3:\d+: /)
  })
})
