// `eunomia top` with a real Docker: alone, and next to a running collector that counts what each process does.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TopRow, TopView } from '../../../cli/top/top-rows.js'
import { BUSYBOX_IMAGE, useDocker } from '../../support/services/docker.js'
import { runInHost } from '../../support/system/command-host.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

interface PrintedView extends TopView {
  readonly processes: readonly (TopRow & { readonly commandLine: string | null })[]
  readonly noEventsBecause: string | null
}

describe('eunomia top', () => {
  const docker = useDocker()
  let folder = ''
  let id = ''
  let collector: EunomiaProcess | undefined

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-top-'))
    // Opens a file a hundred times a second.
    id = await docker().runDetached(['--name', 'busy-one'], ['sh', '-c', 'while :; do read x < /etc/passwd; usleep 10000; done'])
    await docker().runDetached(['--name', 'idle-one'], ['sleep', '600'])
  })
  after(async () => {
    await collector?.kill()
    await docker().docker('rm', '-f', 'busy-one', 'idle-one')
    rmSync(folder, { recursive: true, force: true })
  })

  const eunomia = (...args: string[]): EunomiaProcess =>
    new EunomiaProcess([...args, '--docker-socket', docker().socketPath], { EUNOMIA_STATE_FOLDER: join(folder, 'state') })
  /** The shell; the command that it waits with runs as another process. */
  const shellOf = (view: PrintedView | undefined) =>
    view?.processes.find(({ commandLine }) => commandLine?.startsWith('sh -c while') === true)
  const top = async (...args: string[]): Promise<EunomiaProcess> => {
    const command = eunomia('top', '--interval', '500ms', ...args)
    assert.equal(await command.ended(), 0, command.stderr)
    return command
  }

  it('reports what a container uses, and that event rates are unknown without a collector', async () => {
    const [view] = (await top('--once', '--json', '--container', 'busy-one')).records<PrintedView>()
    const row = shellOf(view)
    assert.ok(view?.processes.every(({ containerId }) => containerId === id))
    assert.deepEqual([row?.containerId, row?.name, row?.image], [id, 'busy-one', BUSYBOX_IMAGE])
    assert.ok(row !== undefined && row.cpuPercent !== null && row.rssBytes > 0)
    assert.deepEqual([row.events, view?.total, view?.rest.events], [null, null, null])
    assert.match(view?.noEventsBecause ?? '', /no collector is running/)

    const text = (await top('--once', '--rows', '1')).stdout
    assert.match(text, /^no event rates: /m)
    assert.match(text, /^and \d+ more processes: CPU /m)
  })

  it('reports the event rate of each process with a collector, the busiest first', async () => {
    collector = eunomia('collect', '--output', 'csv', '--kind', 'exit', '--min-duration', '1d')
    await collector.says(/"msg":"collecting"/)
    const following = eunomia('top', '--interval', '500ms', '--json', '--sort', 'file', '--container', id.slice(0, 12))
    await following.until('three views', () => following.records().length >= 3)
    assert.equal(await following.interrupt(), 0, following.stderr)
    const view = following.records<PrintedView>().at(-1)
    const row = shellOf(view)
    assert.deepEqual([row?.name, view?.noEventsBecause], ['busy-one', null])
    assert.ok((row?.events?.file ?? 0) > 0, JSON.stringify(view))
    assert.ok((view?.total?.file ?? 0) > 0)

    const text = (await top('--once', '--sort', 'file', '--container', 'busy-one')).stdout
    assert.match(text.split('\n')[0] ?? '', /events\/s \(process /)
    assert.match(text, / busy-one +sh -c while/)
    const [idle] = (await top('--once', '--json', '--container', 'idle-one')).records<PrintedView>()
    assert.deepEqual(idle?.processes[0]?.events, { process: 0, file: 0, network: 0, kernel: 0 })
  })

  it('refuses unknown arguments', async () => {
    for (const [args, pattern] of [
      [['--sort', 'cpus'], /Allowed choices are cpu, rss, events/],
      [['--rows', '0'], /Expected a number from 1 to 10000/],
      [['--interval', '5ms'], /--interval: at least 100ms/],
    ] as const) {
      const command = await runInHost(['top', ...args])
      assert.equal(command.status, 2)
      assert.match(command.stderr, pattern)
    }
  })
})
