// A secret in arguments, environment and mount options leaves the collector nowhere: not in events, the log, its state folder, Kafka, or alerts. Needs root.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createHmac, randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert, KernelEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { freshKafkaTopics } from '../../support/services/kafka-log.js'
import { sharedRedis } from '../../support/services/services.js'
import { runInHost } from '../../support/system/command-host.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { TestSystem } from '../../support/system/test-system.js'
import { waitFor } from '../../support/wait-for.js'
import { makeCgroup } from '../native/cgroup-folder.js'
import { Workloads } from '../native/workload.js'

const RULES = `
- rule: true was started
  desc: the rule under test
  condition: evt.type = execve and evt.rawres = 0 and proc.name = true
  output: "command=%proc.cmdline args=%proc.args parent=%proc.pcmdline"
  priority: WARNING
`
const KEY = '0123456789abcdef0123'

describe('a secret on a command line', () => {
  const workloads = new Workloads()
  let folder = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-redaction-'))
    writeFileSync(join(folder, 'key'), `${KEY}\n`, { mode: 0o600 })
  })
  afterEach(async () => await eunomia?.kill())
  after(() => {
    workloads.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Runs the workload under a collector with these settings. @returns everything that the collector wrote, and the events of the workload */
  async function collected(secret: string, settings: readonly string[]): Promise<{ text: string; events: (ProcessEvent | KernelEvent)[] }> {
    const state = mkdtempSync(join(folder, 'state-'))
    const cgroup = makeCgroup()
    try {
      const all = ['collector.environment.names=EUNOMIA_TEST_TOKEN', 'collector.heartbeatMs=200', 'collector.openReads=false', ...settings]
      const flags = ['--output', 'json', '--docker-socket', join(folder, 'no.sock'), ...all.flatMap((setting) => ['--set', setting])]
      const running = (eunomia = new EunomiaProcess(['collect', ...flags], { EUNOMIA_STATE_FOLDER: state }))
      await running.says(/"type":"snapshot"/)
      workloads.run('attacks/secret-args', [cgroup.procs, `--secret=${secret}`])
      const id = cgroup.id.toString()
      const events = (): (ProcessEvent | KernelEvent)[] =>
        running.lines.filter((line) => line.includes(`"${id}"`)).map((line) => JSON.parse(line) as ProcessEvent | KernelEvent)
      await running.until('the end of the program', () =>
        events().some(({ type, process }) => type === 'exit' && process.args[0] === 'true'),
      )
      await running.interrupt()
      const found = spawnSync('grep', ['-rac', secret, state], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((line) => /:[1-9]/.test(line))
      assert.deepEqual(found, [])
      return { text: `${running.stdout}${running.stderr}`, events: events() }
    } finally {
      cgroup.remove()
    }
  }

  it('is in no event, and events say so; equal secrets have the same hash', async () => {
    const secret = `s${randomBytes(9).toString('hex')}`
    const { text, events } = await collected(secret, [`collector.redaction.keyFile=${join(folder, 'key')}`])
    assert.ok(!text.includes(secret))
    assert.ok(!text.includes(KEY))
    const marker = `[redacted:${createHmac('sha256', KEY).update(secret).digest('hex').slice(0, 16)}]`
    const args = ['true', `--password=${marker}`, `https://me:${marker}@localhost/`, '--token', marker]
    const exec = events.find(({ type, process }) => type === 'exec' && process.args[0] === 'true') ?? assert.fail('no exec')
    assert.deepEqual([exec.process.args, exec.process.argsRedacted], [args, 3])
    assert.deepEqual([exec.process.env, exec.process.envRedacted], [[`EUNOMIA_TEST_TOKEN=${marker}`], 1])
    assert.deepEqual([exec.process.parentArgs[2], exec.process.parentArgsRedacted], [`--secret=${marker}`, 1])
    const refused = events.find((event): event is ProcessEvent => event.type === 'exec' && event.result < 0)
    assert.deepEqual([refused?.attemptedArgs, refused?.redacted], [args, 3])
    const mount = events.find((event): event is KernelEvent => event.type === 'mount')
    assert.deepEqual([mount?.options, mount?.redacted], [`user=me,password=${marker}`, 1])
  })

  for (const isOn of [true, false]) {
    it(`is in ${isOn ? 'no record of Kafka, nor in the alert on it' : 'both, when redaction is switched off'}`, async () => {
      const secret = `s${randomBytes(9).toString('hex')}`
      const { address: redisUrl } = await sharedRedis()
      const system = new TestSystem({ kafka: await freshKafkaTopics(), redisUrl, rules: RULES })
      const cgroup = makeCgroup()
      try {
        const functions = await system.functions()
        const collector = await system.collect('--set', `collector.redaction.enabled=${String(isOn)}`)
        const alerts = system.start('alerts', '--since', '1h', '--json')
        workloads.run('attacks/secret-args', [cgroup.procs, `--secret=${secret}`])
        const alert = await waitFor('the alert', () =>
          alerts.records<Alert>().find(({ process }) => process.cgroupId === cgroup.id.toString()),
        )
        assert.match(alert.output, isOn ? /--password=\[redacted\] .* --token \[redacted\]/ : new RegExp(`--password=${secret}`))
        for (const part of [collector, functions, alerts]) assert.equal(await part.interrupt(), 0, part.stderr)
        const records = await system.records(['process', 'kernel', 'alerts', 'pending', 'deadletter'])
        const isIn = (topic: keyof typeof records): boolean => JSON.stringify(records[topic]).includes(secret)
        const exec = records.process.find(
          ({ type, process }) => type === 'exec' && process.args[0] === 'true' && process.cgroupId === cgroup.id.toString(),
        )
        assert.deepEqual(
          [exec?.process.args[1], exec?.process.argsRedacted],
          isOn ? ['--password=[redacted]', 3] : [`--password=${secret}`, 0],
        )
        assert.deepEqual([isIn('process'), isIn('kernel'), isIn('alerts')], [!isOn, !isOn, !isOn])
        assert.deepEqual([isIn('pending'), isIn('deadletter')], [false, false])
        assert.equal(alerts.stdout.includes(secret), !isOn)
      } finally {
        await system.close()
        cgroup.remove()
      }
    })
  }

  it('needs expressions and a key that can be used', async () => {
    for (const [setting, message] of [
      ['collector.redaction.expressions=(', /collector\.redaction\.expressions: expression 1 cannot be used: missing \)/],
      ['collector.redaction.key=short', /collector\.redaction\.key: the key is shorter than 16 bytes/],
      ['collector.redaction.keyFile=/nonexistent/key', /collector\.redaction\.keyFile cannot be read/],
    ] as const) {
      const refused = (eunomia = new EunomiaProcess(['collect', '--output', 'json', '--set', setting], {
        EUNOMIA_STATE_FOLDER: join(folder, 'x'),
      }))
      assert.equal(await refused.ended(), 2)
      assert.match(refused.stderr, message)
    }
    const { stdout } = await runInHost(['config', '--set', `collector.redaction.key=${KEY}`])
    assert.ok(stdout !== '' && !stdout.includes(KEY))
  })
})
