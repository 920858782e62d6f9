// The unit of the collector: systemd accepts it, and a collector runs with its user, capabilities and system calls. Needs root.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { useDocker } from '../../../support/services/docker.js'
import { freshKafkaTopics } from '../../../support/services/kafka-log.js'
import { EunomiaProcess } from '../../../support/system/eunomia-process.js'
import { FollowedTopic } from '../../../support/system/followed-topic.js'
import { allowedCalls, allowedNames, unitSettings, wordsOf } from '../../../support/system/systemd-unit.js'
import { waitFor } from '../../../support/wait-for.js'
import { Workloads } from '../../native/workload.js'

const UNIT = join(packageRoot(), 'infra/deploy/eunomia-collector.service')
const NOBODY = 65534
/** In tenths, up to 10. A service without a sandbox has 9.6. */
const MAX_EXPOSURE = 30

describe('the unit of the collector', () => {
  const docker = useDocker()
  const settings = unitSettings(UNIT)
  let folder = ''
  let workloads: Workloads
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    if (spawnSync('systemd-analyze', ['--version']).status !== 0) skipBecause(this, 'needs systemd-analyze (systemd)')
    if (spawnSync('setpriv', ['--version']).status !== 0) skipBecause(this, 'needs setpriv (util-linux)')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-unit-'))
    workloads = new Workloads()
  })
  after(async () => {
    await eunomia?.kill()
    workloads?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** As installed here: systemd checks that the program exists. */
  const installed = (): string => {
    const path = join(folder, 'eunomia-collector.service')
    writeFileSync(path, readFileSync(UNIT, 'utf8').replaceAll('/opt/eunomia/', `${packageRoot()}/`))
    return path
  }

  it('passes systemd without a warning', () => {
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', installed()], { encoding: 'utf8' })
    assert.deepEqual([stdout, stderr, status], ['', '', 0])
  })

  it('has a low exposure level', () => {
    const args = ['security', '--offline=true', `--threshold=${String(MAX_EXPOSURE)}`, installed()]
    const { status, stdout } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
    assert.equal(status, 0, stdout.split('\n').at(-2))
  })

  it('explains each line', () => {
    /** They name the unit, or belong to the line above. */
    const obvious = ['Description', 'Documentation', 'After', 'Group', 'ExecStart', 'StateDirectoryMode', 'Environment', 'UMask']
    const belongToOthers = [...obvious, 'RestartSec', 'TimeoutStopSec', 'WantedBy']
    assert.deepEqual(
      settings.filter(({ name, comment }) => comment === '' && !belongToOthers.includes(name)),
      [],
    )
  })

  it('allows the calls that the native code makes', () => {
    const sources = join(packageRoot(), 'native/src')
    const names = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cc'))
    const texts = names.map((name) => readFileSync(join(sources, name), 'utf8')).join('\n')
    const made = [...texts.matchAll(/\bsyscall\(SYS_(\w+)|\b(open_by_handle_at)\(/g)].map(
      ([, byNumber, byName]) => byNumber ?? byName ?? '',
    )
    assert.ok(made.includes('open_by_handle_at') && made.includes('openat2'))
    // Only root becomes another user, and the unit does not start it as root.
    const asRoot = ['setgroups', 'setresgid', 'setresuid']
    const allowed = allowedNames(settings)
    assert.deepEqual(
      made.filter((call) => !allowed.has(call) && !asRoot.includes(call)),
      [],
    )
  })

  it('allows everything that a collector needs: probes, containers, Kafka, spool', async () => {
    const kafka = await freshKafkaTopics()
    const topic = await FollowedTopic.open(kafka, 'process')
    const state = join(folder, 'state')
    mkdirSync(state)
    for (const path of [folder, state]) chownSync(path, NOBODY, NOBODY)
    const given = wordsOf(settings, 'AmbientCapabilities').map((name) => `+${name.replace('CAP_', '').toLowerCase()}`)
    assert.deepEqual(wordsOf(settings, 'CapabilityBoundingSet'), wordsOf(settings, 'AmbientCapabilities'))
    const calls = allowedCalls(settings)
    assert.ok(calls.length > 200, `${String(calls.length)} calls are allowed`)
    const sets = ['--inh-caps', '--ambient-caps', '--bounding-set'].flatMap((set) => [set, `-all,${given.join(',')}`])
    const through = [
      ...['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--groups', String(statSync(docker().socketPath).gid), ...sets],
      ...[workloads.program('under-filter'), calls.join(',')],
    ]
    spawnSync('chmod', ['755', workloads.folder])
    const environment = {
      EUNOMIA_STATE_FOLDER: state,
      EUNOMIA_KAFKA_BROKERS: kafka.brokers.join(','),
      EUNOMIA_KAFKA_TOPIC_PREFIX: kafka.topicPrefix ?? '',
      // The folder of the pins belongs to root on this host.
      EUNOMIA_COLLECTOR_PINS: 'false',
    }
    eunomia = new EunomiaProcess(['collect', '--docker-socket', docker().socketPath], environment, NOBODY, through)
    await eunomia.says(/"msg":"collecting"/)
    assert.match(eunomia.stderr, /"probes":13,/)
    await docker().run(['--name', 'under-the-unit'], ['sh', '-c', ':', 'under-the-unit'])
    const exec = await waitFor('the exec in the topic', () =>
      topic.records.find(({ type, process }) => type === 'exec' && process.args.includes('under-the-unit') && process.containerId !== null),
    )
    assert.equal(exec.process.uid, 0)
    assert.match(readFileSync(`/proc/${String(eunomia.pid)}/status`, 'latin1'), /^Seccomp:\s*2$/m)
    assert.equal(await eunomia.end('SIGTERM'), 0, eunomia.stderr)
    await topic.close()
  })
})
