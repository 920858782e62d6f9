// An unprivileged process that forges its name, arguments, environment, file names and cgroup: it appears as itself and never as the container
// that it names, nothing crashes, and everything that is printed stays well formed.
import assert from 'node:assert/strict'
import { chmodSync, chownSync, mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Alert, FileEvent, ProcessEvent } from '../../../schemas/generated/types.js'
import { csvFields } from '../../support/system/csv-line.js'
import { useDocker } from '../../support/services/docker.js'
import type { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { TestSystem } from '../../support/system/test-system.js'
import { makeCgroup, type CgroupFolder } from '../native/cgroup-folder.js'
import { Workloads, type WorkloadEnd } from '../native/workload.js'

const NOBODY = 65534
const RULE = 'file of the forger opened'
const VICTIM = 'forge-victim'
const RUNC = 'runc:[2:INIT]'
// As forge.c writes them; each byte that is no UTF-8 becomes U+FFFD.
const HOSTILE_NAME = '\u001b[31m\n"\ufffd\t,'
const HOSTILE_TEXT = '\u001b[2J\u001b]0;owned\u0007\r\n"\',{}\\ \ufffd\ufffd\ufffd( \u202e container='
// C0, DEL and C1; what turns the direction of text.
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/
const WIDTH = 120
const CSV_COLUMNS = 12

type Printed = { readonly topic: 'process' | 'file' } & (ProcessEvent | FileEvent)

describe('a process that forges its identity', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  const printers = new Map<string, EunomiaProcess>()
  let folder = ''
  let cgroup: CgroupFolder
  let system: TestSystem
  let victim = ''
  let forged: WorkloadEnd

  function rulesFor(place: string): string {
    return `
- rule: ${RULE}
  desc: the rule under test
  condition: evt.type in (open, openat, openat2) and (fd.name startswith ${place}/ or (container.id != host and fd.name = /etc/shadow))
  output: "%proc.name opened %fd.name (command=%proc.cmdline parent=%proc.pname container=%container.name id=%container.id)"
  priority: WARNING
`
  }

  before(async function () {
    victim = await docker().runDetached(['--name', VICTIM], ['sleep', '600'])
    folder = join(workloads.folder, 'forged')
    mkdirSync(folder)
    chmodSync(workloads.folder, 0o755)
    chmodSync(folder, 0o777)
    // A cgroup that is delegated to the unprivileged user, as systemd and rootless runtimes do.
    cgroup = makeCgroup()
    for (const path of [cgroup.path, cgroup.procs]) chownSync(path, NOBODY, NOBODY)
    system = new TestSystem({
      kafka: { brokers: ['127.0.0.1:1'] },
      redisUrl: 'redis://127.0.0.1:1',
      rules: rulesFor(folder),
      environment: { EUNOMIA_DETECT_FACTS_DEADLINE_MS: '1000' },
    })
    const socket = ['--docker-socket', docker().socketPath]
    const run = ['run', '--rules', join(system.folder, 'rules.yaml'), '--set', 'logLevel=info', ...socket]
    printers.set('run', system.start(...run))
    printers.set('run --json', system.start(...run, '--json'))
    const recording = join(system.folder, 'forged.capture')
    printers.set('json', system.start('collect', '--output', 'json', '--record', recording, ...socket))
    for (const printer of printers.values()) await printer.says(/"msg":"(watching|collecting)"/)
    forged = workloads.run('forge', [cgroup.procs, folder, victim, cgroup.path])
    await docker().docker('exec', VICTIM, 'cat', '/etc/shadow')
    const lastEvent = new RegExp(`"type":"exit".*"pid":${pidOf(1)},`)
    for (const [how, printer] of printers) {
      // On the screen the second alert of the same program is counted, not reported.
      const lastAlert = how === 'run' ? ` more of ${RULE} by ${RUNC}` : 'marker-moved'
      const isPrinted = how.startsWith('run')
        ? () => [lastAlert, '/etc/shadow'].every((mark) => printer.stdout.includes(mark))
        : () => lastEvent.test(printer.stdout)
      await printer.until('the last act of the forger', isPrinted)
    }
    for (const printer of printers.values()) assert.equal(await printer.interrupt(), 0, printer.stderr)
    for (const output of ['csv', 'table']) {
      const printer = system.start('collect', '--output', output, '--capture', recording)
      assert.equal(await printer.ended(), 0, printer.stderr)
      printers.set(output, printer)
    }
  })
  after(async () => {
    await system.close()
    await docker().docker('rm', '-f', VICTIM)
    for (const path of [join(cgroup.path, 'docker', victim), join(cgroup.path, 'docker')]) rmdirSync(path)
    cgroup.remove()
    workloads.close()
  })

  /** Pid of a child of the forger. */
  function pidOf(child: number): string {
    return forged.lines[child] ?? ''
  }

  const textOf = (how: string): string => printers.get(how)?.stdout ?? ''
  const linesOf = (how: string): string[] => textOf(how).split('\n').slice(0, -1)
  const alerts = (): Alert[] => linesOf('run --json').map((line) => JSON.parse(line) as Alert)

  it('alerts as itself, by its own bytes, four times', () => {
    assert.equal(forged.status, 0)
    const actual = alerts()
      .filter(({ process }) => process.uid === NOBODY)
      .map(({ path, process }) => ({ path, name: process.name, pid: String(process.pid), exePath: process.exePath, user: process.user }))
    const first = { name: HOSTILE_NAME, pid: pidOf(0), exePath: workloads.program('forge'), user: 'nobody' }
    const second = { ...first, name: RUNC, pid: pidOf(1) }
    const expected = [
      { ...first, path: join(folder, 'marker') },
      { ...first, path: `${folder}/${HOSTILE_TEXT}${victim}` },
      { ...second, path: join(folder, 'marker') },
      { ...second, path: join(folder, 'marker-moved') },
    ]
    const byPath = (a: { path: string | null; name: string }, b: { path: string | null; name: string }): number =>
      `${a.path ?? ''}${a.name}` < `${b.path ?? ''}${b.name}` ? -1 : 1
    assert.deepEqual(actual.sort(byPath), expected.sort(byPath))
  })

  it('is never assigned to the container that it names, also from a cgroup of that name', () => {
    assert.equal(forged.lines[2], 'moved')
    const ofForger = alerts().filter(({ process }) => process.uid === NOBODY)
    for (const { containerId, container, process, outputFields } of ofForger) {
      assert.deepEqual([containerId, container, process.containerId], [null, null, null])
      assert.notEqual(outputFields['container.name'], VICTIM)
      assert.notEqual(outputFields['container.id'], victim.slice(0, 12))
    }
    const moved = ofForger.find(({ path }) => path?.endsWith('marker-moved'))
    assert.equal(moved?.process.containerClaim, victim, 'the claim is in a field next to it, for an investigation')
    const ofVictim = alerts().filter(({ containerId }) => containerId === victim)
    assert.deepEqual(
      ofVictim.map(({ path, container }) => [path, container?.name]),
      [['/etc/shadow', VICTIM]],
    )
  })

  it('leaves each line of collect --output json a JSON document, with the arguments as they were', () => {
    const events = linesOf('json').map((line) => JSON.parse(line) as Printed)
    const exec = events.find(
      (event) => event.topic === 'process' && event.process.args[0] === RUNC && String(event.process.pid) === pidOf(0),
    )
    assert.deepEqual(exec?.process.args.slice(0, 6), [RUNC, 'again', folder, victim, cgroup.path, `${HOSTILE_TEXT}${victim}`])
    const wholeBytes = Buffer.byteLength([RUNC, 'again', folder, victim, cgroup.path].join('\0')) + 1
    // Bytes of HOSTILE in forge.c with the victim's id and the terminator, and 100 KiB of escapes.
    const hostileBytes = Buffer.byteLength(HOSTILE_TEXT) - 3 * 2 + victim.length + 1
    assert.equal(exec?.process.argsTruncated, true)
    assert.equal(exec?.process.argsBytes, wholeBytes + hostileBytes + 100 * 1024)
  })

  it('leaves each line of collect --output csv a record of as many fields', () => {
    const lines = linesOf('csv')
    for (const line of lines) {
      assert.doesNotMatch(line, HARMFUL)
      assert.equal(csvFields(line).length, CSV_COLUMNS, line)
    }
    assert.ok(lines.some((line) => csvFields(line)[11] === join(folder, 'marker-moved')))
  })

  it('leaves each line of the tables without a control character and within their width', () => {
    for (const how of ['table', 'run']) {
      for (const line of linesOf(how)) {
        assert.doesNotMatch(line, HARMFUL, how)
        assert.ok([...line].length <= WIDTH, `${how}: ${line}`)
      }
    }
    assert.ok(linesOf('table').length > 10 && linesOf('run').length > 10)
  })

  it('leaves each line of the logs a JSON document', () => {
    for (const [how, printer] of printers) {
      for (const line of printer.stderr.split('\n').slice(0, -1)) assert.ok(isJson(line), `${how}: ${line}`)
    }
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
