// The collector as a command, with no more privileges than it needs: given up after its start as root, and started without root at all. Needs root.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownUser } from '../../../infra/process/own-user.js'
import type { Process } from '../../../schemas/generated/types.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { useDocker } from '../../support/services/docker.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

const NOBODY = 65534
/** What loading needs (docs/operations.md, infra/deploy/eunomia-collector.service). */
const START = ['bpf', 'perfmon', 'net_admin', 'sys_ptrace', 'dac_read_search']
/** Bits 2 (CAP_DAC_READ_SEARCH) and 19 (CAP_SYS_PTRACE). */
const KEPT = '0000000000080004'

interface Printed {
  readonly type: string
  readonly process: Process
}

describe('privileges of a collector', () => {
  const docker = useDocker()
  let folder = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-privileges-'))
    chownSync(folder, NOBODY, NOBODY)
  })
  afterEach(async () => {
    await eunomia?.kill()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const environment = (state: string): Record<string, string> => ({ EUNOMIA_STATE_FOLDER: join(folder, state) })
  /** Without the opens that only read: on a busy host, they are most of the events. */
  const collect = (): string[] => {
    return ['collect', '--output', 'json', '--set', 'collector.openReads=false', '--docker-socket', docker().socketPath]
  }

  /** A field of the status of every thread of the collector: its different values. */
  const ofThreads = ({ pid }: EunomiaProcess, field: string): string[] => {
    const task = `/proc/${String(pid)}/task`
    const lines = readdirSync(task).map((thread) => readFileSync(join(task, thread, 'status'), 'latin1'))
    return [...new Set(lines.map((status) => new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''))]
  }

  /** An exec of a user in a container comes through with its arguments and the container's name. */
  const seesExec = async (running: EunomiaProcess, marker: string): Promise<void> => {
    await docker().run(['--name', marker, '--user', '1234'], ['sh', '-c', ':', marker])
    await running.until('the exec, and who it was', () =>
      running.lines
        .filter((line) => line.includes(marker))
        .map((line) => JSON.parse(line) as Printed)
        .some(
          ({ type, process }) => type === 'exec' && process.args.includes(marker) && process.containerId !== null && process.uid === 1234,
        ),
    )
    await running.until("the container's facts", () => running.stdout.includes(`"name":"${marker}"`))
  }

  it('drop to two in all threads when started by root, and events continue', async () => {
    eunomia = new EunomiaProcess(collect(), environment('root'))
    await eunomia.says(/"msg":"collecting"/)
    await seesExec(eunomia, 'eunomia-of-root')
    const sets = ['CapPrm', 'CapEff', 'CapInh', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp', 'Uid']
    const none = '0000000000000000'
    const { uid } = ownUser()
    assert.deepEqual(
      sets.map((set) => ofThreads(eunomia as EunomiaProcess, set)),
      [[KEPT], [KEPT], [none], [none], [none], ['1'], ['2'], [Array(4).fill(uid).join('\t')]],
    )
    const { PATH = '' } = process.env
    const doctor = new EunomiaProcess(['doctor', '--json'], { PATH, ...environment('root') })
    await doctor.ended()
    assert.match(
      doctor.stdout,
      /"name":"privileges","status":"ok","detail":"the collector \(pid \d+, uid [1-9]\d*, \d+ threads\) holds CAP_DAC_READ_SEARCH CAP_SYS_PTRACE, and cannot/,
    )
    assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)
  })

  it('are kept when the settings say so, which the doctor reports', async () => {
    eunomia = new EunomiaProcess([...collect(), '--set', 'collector.privileges=keep'], environment('root'))
    await eunomia.says(/"msg":"collecting"/)
    assert.deepEqual(ofThreads(eunomia, 'NoNewPrivs'), ['0'])
    const doctor = new EunomiaProcess(['doctor', '--json'], environment('root'))
    await doctor.ended()
    assert.match(doctor.stdout, /"name":"privileges","status":"warning".*CAP_SYS_ADMIN/)
  })

  it('may be just the required ones of a user that is not root', async function () {
    if (spawnSync('setpriv', ['--version']).status !== 0) skipBecause(this, 'needs setpriv (util-linux)')
    const given = START.map((name) => `+${name}`).join(',')
    const { gid } = statSync(docker().socketPath)
    const through = [
      ...['setpriv', '--reuid', String(NOBODY), '--regid', String(NOBODY), '--groups', String(gid)],
      ...['--inh-caps', `-all,${given}`, '--ambient-caps', `-all,${given}`, '--bounding-set', `-all,${given}`],
    ]
    eunomia = new EunomiaProcess(collect(), environment('nobody'), NOBODY, through)
    await eunomia.says(/"msg":"collecting"/)
    assert.match(eunomia.stderr, /"probes":13,/)
    await seesExec(eunomia, 'eunomia-of-nobody')
    assert.deepEqual(
      ['CapPrm', 'CapInh', 'CapAmb', 'NoNewPrivs'].map((set) => ofThreads(eunomia as EunomiaProcess, set)),
      [[KEPT], ['0000000000000000'], ['0000000000000000'], ['1']],
    )
    // What is dumped by nobody belongs to root.
    assert.equal(statSync(`/proc/${String(eunomia.pid)}/environ`).uid, 0)
    assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)
  })
})
