// A flood that the ring has no room for: every loss has its second, and they add up to the ledger. Needs root.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Account } from '../../../collector/ledger/account.js'
import type { Loss } from '../../../schemas/generated/types.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { askCommand, valuesOf } from '../../support/system/asked-command.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { waitForCount } from '../../support/wait-for.js'
import { Workloads } from '../native/workload.js'

describe('losses of a running collector', () => {
  const workloads = new Workloads()
  let folder = ''
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-losses-'))
  })
  after(async () => {
    workloads.close()
    await eunomia?.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  const environment = (): Record<string, string> => ({ EUNOMIA_STATE_FOLDER: join(folder, 'state') })
  const ask = async (...args: string[]): Promise<string> => await askCommand(args, environment())

  it('are reported by the second, and add up to the ledger', async () => {
    const startedUs = Date.now() * 1000
    const tiny = ['--set', 'collector.bulkRingBytes=1048576', '--set', 'collector.heartbeatMs=600000']
    const running = (eunomia = new EunomiaProcess(
      ['collect', '--output', 'csv', ...tiny, '--docker-socket', join(folder, 'no.sock')],
      environment(),
    ))
    await running.says(/"msg":"collecting"/)
    // Other processes may have filled the small ring already.
    assert.match(await ask('ledger', '--losses'), /^(nothing was lost since this collector started\n$|UNTIL )/)
    running.signal('SIGSTOP')
    workloads.run('open-storm', ['-', '20000'])
    running.signal('SIGCONT')
    const losses = async (): Promise<Loss[]> =>
      valuesOf<Loss>(await ask('ledger', '--losses', '--json')).filter(({ kind }) => kind === 'open')
    const lost = async (): Promise<number> =>
      valuesOf<Account>(await ask('ledger', '--json'))
        .filter(({ kind }) => kind === 'open')
        .reduce((sum, { droppedRing }) => sum + droppedRing, 0)
    // Others open files on this host, too: so the ledger lies between the losses of before and of after.
    const reported = async (): Promise<number> => (await losses()).reduce((sum, { count }) => sum + count, 0)
    await waitForCount('losses', reported, 1)
    const before = await reported()
    const inLedger = await lost()
    assert(inLedger >= before, `${String(before)} are reported, of ${String(inLedger)}`)
    await waitForCount('all of them', reported, inLedger)
    for (const { fromUs, untilUs, topic, where } of await losses()) {
      assert.deepEqual([topic, where], ['file', 'kernel'])
      assert(fromUs >= startedUs && fromUs < untilUs && untilUs <= Date.now() * 1000)
    }
    assert.match(await ask('ledger', '--losses'), /^UNTIL +SECONDS +TOPIC +KIND +CPU +WHERE +LOST\n20/)
    assert.equal(await running.interrupt(), 0, running.stderr)
  })
})
