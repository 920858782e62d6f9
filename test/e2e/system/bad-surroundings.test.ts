// The command line where something around it is wrong: no broker, no room, no rights, no port. Each is named in one line, without a stack, and
// every command still ends in good order.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '../../../schemas/generated/types.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { removeUnmounted } from '../../support/mounted-folder.js'
import { skipBecause } from '../../support/runner/skip-because.js'

const NOBODY = 65534
const TRIES = 2

interface LogLine {
  readonly level: string
  readonly brokers?: string
  readonly msg: string
}

describe('eunomia in a broken environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-surroundings-'))
  const running: EunomiaProcess[] = []

  const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}, userId?: number): EunomiaProcess => {
    const eunomia = new EunomiaProcess(args, { EUNOMIA_STATE_FOLDER: join(folder, 'state'), ...environment }, userId)
    running.push(eunomia)
    return eunomia
  }

  afterEach(async () => {
    for (const eunomia of running.splice(0)) await eunomia.kill()
  })
  after(() => {
    removeUnmounted(folder)
  })

  /** Ends with 1 and says one line that matches. */
  async function assertFails(eunomia: EunomiaProcess, pattern: RegExp): Promise<void> {
    assert.equal(await eunomia.ended(), 1, eunomia.stderr)
    const said = eunomia.stderr.split('\n').filter((line) => line.startsWith('eunomia: '))
    assert.equal(said.length, 1, eunomia.stderr)
    assert.match(said[0] ?? '', pattern)
    assert.doesNotMatch(eunomia.stderr, /^ +at /m)
  }

  describe('when no broker answers', () => {
    let server: Server
    let address = ''
    let tries = 0

    beforeEach(async () => {
      tries = 0
      server = createServer((socket) => {
        tries++
        socket.destroy()
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      address = `127.0.0.1:${String((server.address() as AddressInfo).port)}`
    })
    afterEach(() => {
      server.close()
    })

    // Each group is reported once: `process` has two.
    const commands = [
      { args: ['collect'], lines: 1 },
      { args: ['process', 'membership', 'detect'], lines: 2 },
      { args: ['alerts'], lines: 1 },
    ]
    for (const { args, lines } of commands) {
      it(`${args[0] ?? ''} names it once, keeps trying, and ends cleanly`, async () => {
        const eunomia = start(args, { EUNOMIA_KAFKA_BROKERS: address, EUNOMIA_REDIS_URL: 'redis://127.0.0.1:1' })
        const actual = (): LogLine[] =>
          eunomia.stderr
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line) as LogLine)
            .filter(({ level, brokers }) => ['warn', 'error'].includes(level) && brokers !== undefined)
        await eunomia.until('it names the broker', () => actual().length >= lines)
        const before = tries
        await eunomia.until('more tries', () => tries >= before + TRIES)
        assert.equal(await eunomia.end('SIGTERM'), 0, eunomia.stderr)
        assert.deepEqual(
          actual().map(({ brokers }) => brokers),
          Array.from({ length: lines }, () => address),
        )
      })
    }
  })

  describe('when the state folder can not be used', () => {
    const collect = (stateFolder: string): EunomiaProcess =>
      start(['collect', '--output', 'json', '--duration', '1s'], { EUNOMIA_STATE_FOLDER: stateFolder })

    function mountTmpfs(test: Mocha.Context, name: string, options: string): string {
      const path = join(folder, name)
      mkdirSync(path)
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { encoding: 'utf8' })
      if (mounted.status !== 0) return skipBecause(test, `mount is refused here: ${mounted.stderr.trim()}`)
      return path
    }

    it('names a read-only one', async function () {
      const path = mountTmpfs(this, 'read-only', 'ro')
      await assertFails(collect(join(path, 'state')), new RegExp(`${path}/state .*read-only`))
    })

    it('names a full one', async function () {
      const path = mountTmpfs(this, 'full', 'size=64k')
      writeFileSync(join(path, 'ballast'), Buffer.alloc(32 << 10))
      mkdirSync(join(path, 'state'), { mode: 0o700 })
      try {
        writeFileSync(join(path, 'more-ballast'), Buffer.alloc(1 << 20))
      } catch {
        // As much as fits is what it is for.
      }
      await assertFails(collect(join(path, 'state')), new RegExp(`${path}/state .*full`))
    })

    it('names one that is a file', async () => {
      const path = join(folder, 'file')
      writeFileSync(path, '')
      await assertFails(collect(path), new RegExp(`${path} `))
    })
  })

  it('names a port that is in use, ends functions, and collects without it until it is free', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const port = String((server.address() as AddressInfo).port)
    try {
      const collector = start(['collect', '--output', 'json', '--metrics-port', port])
      await collector.says(new RegExp(`\\b${port}\\b.*in use`))
      await collector.says(/"msg":"collecting"/)
      await assertFails(start(['process', 'detect', '--metrics-port', port]), new RegExp(`\\b${port}\\b.*in use`))
      server.close()
      await collector.says(/the port is free now/)
      assert.match(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), /^eunomia_probe_attached/m)
      await collector.end('SIGTERM')
    } finally {
      server.close()
    }
  })

  describe('without the rights for probes', () => {
    let environment: Record<string, string> = {}

    before(() => {
      const home = join(folder, 'home')
      mkdirSync(home)
      chownSync(home, NOBODY, NOBODY)
      spawnSync('chmod', ['755', folder])
      environment = { EUNOMIA_STATE_FOLDER: join(home, 'state'), HOME: home }
    })

    it('collect names the missing rights and how to get them', async () => {
      await assertFails(start(['collect', '--output', 'json'], environment, NOBODY), /run as root, or with CAP_BPF, CAP_PERFMON/)
    })

    it('run reports it, replays the recorded capture, and alerts', async () => {
      const eunomia = start(['run'], environment, NOBODY)
      await eunomia.says(/^the capture has ended/m)
      assert.match(eunomia.stdout, /^no live probes: .*CAP_BPF/m)
      assert.match(eunomia.stdout, /^replaying the capture \S+ instead/m)
      assert.match(eunomia.stdout, /^watching \S+ .*: recorded in\s/m)
      assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)
      assert.match(eunomia.stdout, /^\d+ events, [1-9]\d* alerts? in /m)
    })

    it('run --json prints only alerts, and logs the rest', async () => {
      const eunomia = start(['run', '--json'], environment, NOBODY)
      await eunomia.until('an alert', () => eunomia.records<Alert>().length > 0)
      assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)
      for (const { alertId } of eunomia.records<Alert>()) assert.match(alertId, /^[0-9a-f]{32}$/)
      assert.match(eunomia.stderr, /"msg":"no live probes, replaying the shipped capture"/)
    })
  })
})
