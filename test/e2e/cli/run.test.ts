// `eunomia run` as a person runs it: as a process of its own, over live probes and real containers.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '../../../schemas/generated/types.js'
import { BUSYBOX_IMAGE, useDocker } from '../../support/services/docker.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { waitForCount } from '../../support/wait-for.js'

const RULE = 'Shadow file read in a container'
const RULES = `
- rule: ${RULE}
  desc: the rule under test
  condition: evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.name=/etc/shadow and container.id != host
  output: shadow read (command=%proc.cmdline container=%container.name image=%container.image.repository)
  priority: WARNING
`

describe('eunomia run', () => {
  const docker = useDocker()
  let folder = ''
  let rules = ''
  const running: EunomiaProcess[] = []
  const start = (...args: string[]): EunomiaProcess => {
    const eunomia = new EunomiaProcess(['run', ...args], { EUNOMIA_STATE_FOLDER: join(folder, 'state'), EUNOMIA_COLLECTOR_WATCH: 'detect' })
    running.push(eunomia)
    return eunomia
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-run-'))
    rules = join(folder, 'rules.yaml')
    writeFileSync(rules, RULES)
  })
  afterEach(async () => {
    for (const eunomia of running.splice(0)) await eunomia.kill()
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('shows the alert of --demo within seconds, whatever else alerts, and then ends cleanly', async () => {
    const eunomia = start('--demo', '--exit-after-alert')
    assert.equal(await eunomia.ended(), 0, eunomia.stderr)
    assert.match(eunomia.stdout, /^watching \S+ \(kernel [^)]+\): (\d+) of \1 probes attached, \d+ rules/m)
    assert.match(eunomia.stdout, /^collector\.watch is detect: left out are opens that no rule can match/m)
    assert.match(eunomia.stdout, /^demo: reading \/etc\/shadow/m)
    assert.match(eunomia.stdout, /^\d\d:\d\d:\d\d\.\d{3} {2}[A-Z]+ +\S.*\n +on the host .*\n +cat \/etc\/shadow \(pid \d+, root\) < node/m)
    assert.match(eunomia.stdout, /^\d+ events, \d+ alerts? in [\d.]+ s\nlost: .*\nCPU: [\d.]+ s/m)
  })

  it('names containers that ran before, started later, or lived for a moment: one alert each', async () => {
    const early = await docker().runDetached(['--name', 'early'], ['sleep', '600'])
    const eunomia = start('--rules', rules, '--docker-socket', docker().socketPath, '--json', '--set', 'logLevel=info')
    await eunomia.says(/"msg":"watching"/)
    await docker().docker('exec', 'early', 'cat', '/etc/shadow')
    const late = await docker().runDetached(['--name', 'late'], ['sh', '-c', 'cat /etc/shadow; sleep 600'])
    await docker().run(['--name', 'brief'], ['cat', '/etc/shadow'])
    const brief = await docker().docker('inspect', '--format', '{{.Id}}', 'brief')
    await waitForCount('three alerts', () => eunomia.records().length, 3)
    assert.equal(await eunomia.interrupt(), 0, eunomia.stderr)

    const alerts = eunomia.records<Alert>()
    const actual = alerts.map(({ rule, containerId, container, facts }) => ({
      rule,
      containerId,
      name: container?.name,
      image: container?.image,
      facts,
    }))
    const expected = [
      { containerId: early, name: 'early' },
      { containerId: late, name: 'late' },
      { containerId: brief, name: 'brief' },
    ].map((container) => ({ rule: RULE, ...container, image: BUSYBOX_IMAGE, facts: 'complete' }))
    assert.deepEqual(actual.sort(byName), expected.sort(byName))
    await docker().docker('rm', '-f', 'early', 'late', 'brief')
  })

  it('loads its rules before it opens its source: before the probes attach', async () => {
    const eunomia = start('--rules', join(folder, 'absent.yaml'), '--capture', join(folder, 'absent.capture'))
    assert.equal(await eunomia.ended(), 2, eunomia.stderr)
    assert.match(eunomia.stderr, /absent\.yaml/)
    assert.doesNotMatch(eunomia.stderr, /absent\.capture/)
  })

  it('ends with a summary when it is interrupted', async () => {
    const eunomia = start('--rules', rules)
    await eunomia.says(/^watching /m)
    assert.equal(await eunomia.interrupt(), 0)
    assert.match(eunomia.stdout, /^lost: none$/m)
  })
})

function byName(a: { name: string | undefined }, b: { name: string | undefined }): number {
  return (a.name ?? '').localeCompare(b.name ?? '')
}
