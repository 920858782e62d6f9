// A file system that is really full under the spool: nothing is lost, what has no room waits in memory, and the spool goes on when there is room again.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ledger } from '../../../../collector/ledger/ledger.js'
import { EventPublisher } from '../../../../collector/publish/event-publisher.js'
import { KIND } from '../../../../native/generated/layout.js'
import { RING } from '../../../../collector/source/event-source.js'
import { Spool } from '../../../../collector/spool/spool.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { AvroWriter } from '../../../../schemas/avro-writer.js'
import { HeldBodyLog } from '../../../support/fakes/held-body-log.js'
import { HeldLog } from '../../../support/fakes/held-log.js'
import { skipBecause } from '../../../support/runner/skip-because.js'
import { waitFor } from '../../../support/wait-for.js'

describe('collector/spool on a full disk', () => {
  let folder = ''
  let isMounted = false
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    folder = mkdtempSync(join(tmpdir(), 'eunomia-full-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
    isMounted = true
  })
  after(() => {
    if (isMounted) execFileSync('umount', ['--lazy', folder])
    if (folder !== '') rmSync(folder, { recursive: true, force: true })
  })

  it('loses nothing: records wait in memory, then in the ring, and all arrive in order when there is space', async () => {
    const warnings: string[] = []
    const logger = { ...SILENT_LOGGER, warn: (_: unknown, message: string) => warnings.push(message) }
    const spool = await Spool.open({ folder: join(folder, 'spool'), maxBytes: 64 << 20, sync: 'interval' }, logger)
    const ballast = join(folder, 'ballast')
    const log = new HeldBodyLog(true)
    const ledger = new Ledger(1)
    let safe = 0
    const publisher = await EventPublisher.open({
      topicLog: new HeldLog(),
      spooling: { topicLog: log, spool, options: { outageMs: 0, memoryBytes: 200_000 } },
      ledger,
      key: Buffer.from('host'),
      onSafe: (_ring, position) => (safe = position),
      onLoss: () => assert.fail('nothing may be lost'),
    })
    const writer = new AvroWriter()
    const account = ledger.accountOf(KIND.open, 0)
    let number = 0
    const append = (): boolean => {
      writer.reset()
      writer.text(`${String(++number)} ${'x'.repeat(1000)}`)
      const hasRoom = publisher.fromRing({ ring: RING.bulk, mark: number, account }, 'file', writer, 0)
      publisher.handled(RING.bulk, number)
      return hasRoom
    }
    for (let count = 0; count < 300; count++) append()
    await waitFor('the first records on the disk', () => safe === 300)
    fill(ballast, folder)
    // Until the collector would leave the rest in the ring.
    while (append()) await new Promise((resolve) => setImmediate(resolve))
    assert(spool.counters.writeFailures > 0)
    assert.equal(warnings.filter((message) => message.includes('can not be written')).length, 1, 'logged once')
    assert(safe < number, 'the ring is not freed beyond what is safe')
    rmSync(ballast)
    await publisher.drained()
    await waitFor('the rest on the disk', () => safe === number)
    log.connect()
    await waitFor('all', () => {
      log.ackAll()
      return log.arrived.length >= number
    })
    const arrived = log.arrived.map(({ value }) => Number(/(\d+) x/.exec(value)?.[1]))
    assert.deepEqual(
      arrived,
      Array.from({ length: number }, (_, index) => index + 1),
    )
    const [sum] = ledger.accounts([{ seq: [], emitted: [0, 0, 0, 0, 0, number], dropped: [], suppressed: [] }])
    assert.deepEqual([sum?.published, sum?.spooled, sum?.inFlight], [number, 0, 0])
    await publisher.close(0)
  })

  it('recovers what a spool held when its disk became full', async () => {
    const path = join(folder, 'second')
    mkdirSync(path)
    const spool = await Spool.open({ folder: path, maxBytes: 64 << 20, sync: 'none' }, SILENT_LOGGER)
    const body = { count: 1, baseTimestampMs: 0, maxTimestampMs: 0, attributes: 0, records: Buffer.alloc(30_000, 1) }
    let written = 0
    while (spool.write('file', Buffer.from('host'), body, [{ kind: 'open', cpu: 0, count: 1 }], false) !== null) written++
    await spool.close()
    const next = await Spool.open({ folder: path, maxBytes: 64 << 20, sync: 'none' }, SILENT_LOGGER)
    let read = 0
    for (let block = next.read('file'); block !== null; block = next.read('file')) read += block.body?.count ?? 0
    assert(written > 5)
    assert.deepEqual([read, next.counters.tornBytes], [written, 0])
    await next.close()
  })
})

/** Takes all room that is left. */
function fill(file: string, folder: string): void {
  const { bavail, bsize } = statfsSync(folder)
  writeFileSync(file, Buffer.alloc(bavail * bsize))
}
