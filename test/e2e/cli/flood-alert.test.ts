// A container floods the probes with calls that cost nothing: a shipped rule fires and names process and container, at once and when the events are
// evaluated again. Needs root and Docker.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import type { Alert } from '../../../schemas/generated/types.js'
import { useDocker } from '../../support/services/docker.js'
import { askCommand } from '../../support/system/asked-command.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { waitFor } from '../../support/wait-for.js'
import { Workloads } from '../native/workload.js'

const RULE = 'Security events dropped or refused'
const ROUNDS = 60_000

describe('a container that floods the probes', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-flood-'))
  let eunomia: EunomiaProcess | undefined
  let printing: EunomiaProcess | undefined
  after(async () => {
    await eunomia?.kill()
    await printing?.kill()
    workloads.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is named by an alert of a shipped rule, with its process, the kinds and the numbers', async () => {
    const running = (eunomia = new EunomiaProcess(
      [...['run', '--rules', join(packageRoot(), 'rules'), '--json'], '--docker-socket', docker().socketPath, '--set', 'logLevel=info'],
      { EUNOMIA_STATE_FOLDER: join(folder, 'state') },
    ))
    await running.says(/"msg":"watching"/)
    const printer = (printing = new EunomiaProcess(
      ['collect', '--output', 'json', '--kind', 'drop', '--docker-socket', docker().socketPath],
      {
        EUNOMIA_STATE_FOLDER: join(folder, 'printer'),
      },
    ))
    await printer.says(/"msg":"collecting"/)
    const program = workloads.program('attacks/flood-free-calls')
    await docker().runDetached(['--name', 'noisy', '-v', `${program}:/flood:ro`], ['/flood', '-', '2', String(ROUNDS)])
    const alerts = (): Alert[] => running.records<Alert>().filter(({ rule, container }) => rule === RULE && container?.name === 'noisy')
    await waitFor('the alert', () => alerts().length > 0)
    const [alert] = alerts()
    assert.match(alert?.output ?? '', /kinds=.*\bcall\b.* dropped=\d+ refused=[1-9]\d* by_process=\d+ .* process=flood /)
    assert.equal(await running.interrupt(), 0, running.stderr)

    const drops = (): string[] => printer.stdout.split('\n').filter((line) => /"type":"drop".*"name":"flood"/.test(line))
    await printer.until('the drop in the events', () => drops().length > 0)
    assert.equal(await printer.interrupt(), 0, printer.stderr)
    writeFileSync(join(folder, 'events.json'), `${drops().join('\n')}\n`)
    const again = await askCommand(['rules', 'eval', '--event', join(folder, 'events.json'), '--json'], {})
    assert.match(again, new RegExp(`"${RULE}"`))
    await docker().docker('rm', '-f', 'noisy')
  })
})
