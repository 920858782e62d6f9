// The spool on disk: what comes out is what went in, in order, less what the bound took, which is counted; whatever is cut or damaged.
import assert from 'node:assert/strict'
import { readFileSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import fc from 'fast-check'
import type { AccountCount } from '../../../../collector/spool/spool-listener.js'
import { Spool } from '../../../../collector/spool/spool.js'
import type { SpoolSync } from '../../../../collector/spool/spool-config.js'
import { StateFolderError } from '../../../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import type { TopicKey } from '../../../../infra/topic-log/topics.js'
import { waitFor } from '../../../support/wait-for.js'
import { bodyOfValues, segmentFiles, SPOOL_KEY, valuesOfBody, withSpoolFolder } from '../../../support/spool/spool-folder.js'

const MIB = 1 << 20

const open = async (folder: string, maxBytes = MIB, sync: SpoolSync = 'none'): Promise<Spool> =>
  await Spool.open({ folder, maxBytes, sync }, SILENT_LOGGER)

function write(spool: Spool, topic: TopicKey, values: readonly string[], kind = 'open'): boolean {
  return spool.write(topic, SPOOL_KEY, bodyOfValues(values), [{ kind, cpu: 1, count: values.length }], false) !== null
}

function readAll(spool: Spool, topic: TopicKey, settle = true): string[] {
  const values: string[] = []
  for (let block = spool.read(topic); block !== null; block = spool.read(topic)) {
    values.push(...valuesOfBody(block.body))
    if (settle) spool.settle(block)
  }
  return values
}

const recordsOf = (accounts: readonly AccountCount[]): number => accounts.reduce((sum, { count }) => sum + count, 0)
const inheritedOf = (spool: Spool): number => spool.inherited().reduce((sum, { accounts }) => sum + recordsOf(accounts), 0)

describe('spool', () => {
  for (const sync of ['none', 'interval', 'always'] as const) {
    it(`returns in order what was written, also to the next run, with sync ${sync}`, async () => {
      await withSpoolFolder(async (folder) => {
        const first = await open(folder, MIB, sync)
        write(first, 'file', ['a', 'b'])
        write(first, 'process', ['x'], 'exec')
        write(first, 'file', ['c'])
        first.tick()
        await first.close()
        const second = await open(folder, MIB, sync)
        assert.equal(inheritedOf(second), 4)
        write(second, 'file', ['d'])
        assert.deepEqual(readAll(second, 'file'), ['a', 'b', 'c', 'd'])
        assert.deepEqual(readAll(second, 'process'), ['x'])
        assert.deepEqual(segmentFiles(folder), [], 'what is through is removed')
        await second.close()
      })
    })
  }

  it('does not return what the run before had settled', async () => {
    await withSpoolFolder(async (folder) => {
      const first = await open(folder)
      for (const value of ['a', 'b', 'c']) write(first, 'file', [value])
      const block = first.read('file')
      assert(block !== null)
      first.settle(block)
      await first.close()
      const second = await open(folder)
      assert.deepEqual(readAll(second, 'file'), ['b', 'c'])
      await second.close()
    })
  })

  it('recovers all before the last block, whichever byte of that block the file ends at', async () => {
    await withSpoolFolder(async (folder) => {
      const made = await open(folder)
      write(made, 'file', ['first', 'second'])
      const [file = ''] = segmentFiles(folder)
      const whole = readFileSync(file).length
      write(made, 'file', ['third'])
      await made.close()
      const bytes = readFileSync(file)
      for (let size = whole; size < bytes.length; size++) {
        writeFileSync(file, bytes)
        truncateSync(file, size)
        const spool = await open(folder)
        assert.equal(inheritedOf(spool), 2)
        assert.equal(spool.counters.tornBytes, size - whole)
        assert.deepEqual(readAll(spool, 'file', false), ['first', 'second'], `cut at ${String(size)}`)
        write(spool, 'file', ['next'])
        assert.deepEqual(readAll(spool, 'file', false), ['next'])
        await spool.close()
        for (const left of segmentFiles(folder).slice(1)) truncateSync(left, 0)
      }
    })
  })

  it('removes a file that ends within its header', async () => {
    await withSpoolFolder(async (folder) => {
      const made = await open(folder)
      write(made, 'file', ['value'])
      await made.close()
      const [file = ''] = segmentFiles(folder)
      const bytes = readFileSync(file)
      for (let size = 0; size < 24 + SPOOL_KEY.length; size++) {
        writeFileSync(file, bytes.subarray(0, size))
        const spool = await open(folder)
        assert.deepEqual([spool.counters.tornBytes, segmentFiles(folder)], [size, []])
        await spool.close()
      }
    })
  })

  it('counts every record damaged by a changed byte, and returns all others in order', async () => {
    await withSpoolFolder(async (folder) => {
      const made = await open(folder)
      const values = ['one', 'two', 'three', 'four']
      for (const value of values) write(made, 'file', [value])
      await made.close()
      const [file = ''] = segmentFiles(folder)
      const bytes = readFileSync(file)
      for (let at = 24 + SPOOL_KEY.length; at < bytes.length; at++) {
        const damaged = Buffer.from(bytes)
        damaged[at] = (damaged[at] ?? 0) ^ 0x41
        writeFileSync(file, damaged)
        const spool = await open(folder)
        let dropped = 0
        spool.onDrop = (_topic, accounts) => (dropped += recordsOf(accounts))
        const seen = readAll(spool, 'file', false)
        const torn = spool.counters.tornBytes > 0 ? 1 : 0
        assert.equal(seen.length + dropped + spool.counters.damagedRecords + torn, values.length, `byte ${String(at)}`)
        assert.deepEqual(
          seen,
          values.filter((value) => seen.includes(value)),
        )
        await spool.close()
      }
    })
  })

  it('does not touch a file that is not a segment, and logs it', async () => {
    await withSpoolFolder(async (folder) => {
      writeFileSync(`${folder}/000000000007-file.spool`, 'x'.repeat(200))
      const spool = await open(folder)
      assert.equal(spool.counters.unreadableSegments, 1)
      write(spool, 'file', ['a'])
      assert.deepEqual(readAll(spool, 'file', false), ['a'])
      assert.equal(segmentFiles(folder).length, 2)
      await spool.close()
    })
  })

  it('stores each record once when a sync fails, and logs the whole outage in two lines', async () => {
    await withSpoolFolder(async (folder) => {
      const logged: string[] = []
      const log = (_facts: unknown, message: string): void => void logged.push(message)
      const spool = await Spool.open({ folder, maxBytes: MIB, sync: 'interval' }, { ...SILENT_LOGGER, info: log, warn: log })
      assert(write(spool, 'file', ['a']))
      // The segment stays open; the folder, where its name is to be synced, is not found.
      renameSync(folder, `${folder}-away`)
      try {
        spool.tick()
        assert.equal(spool.counters.syncFailures, 1)
        assert(write(spool, 'file', ['b']))
        assert.equal(logged.length, 1, 'a write that succeeds ends no outage of syncs')
        assert.match(logged[0] ?? '', /can not be synced to the disk/)
      } finally {
        renameSync(`${folder}-away`, folder)
      }
      await waitFor('the next sync', () => {
        spool.tick()
        return logged.length === 2
      })
      assert.match(logged[1] ?? '', /again/)
      assert.deepEqual([spool.counters.writeFailures, readAll(spool, 'file')], [0, ['a', 'b']])
      await spool.close()
    })
  })

  it('is used by one collector at a time', async () => {
    await withSpoolFolder(async (folder) => {
      const spool = await open(folder)
      await assert.rejects(open(folder), StateFolderError)
      await spool.close()
      await (await open(folder)).close()
    })
  })

  it('drops the oldest opens at its bound, and no exec before opens are down to their share', async () => {
    await withSpoolFolder(async (folder) => {
      const spool = await open(folder)
      const dropped: string[] = []
      spool.onDrop = (topic, accounts) =>
        dropped.push(...accounts.map(({ kind, cpu, count }) => `${topic} ${kind} ${String(cpu)} ${String(count)}`))
      const text = 'v'.repeat(1000)
      for (let index = 0; index < 400; index++) write(spool, 'process', [`${String(index)} ${text}`], 'exec')
      assert.equal(spool.counters.droppedRecords, 0)
      for (let index = 0; index < 4000; index++) write(spool, 'file', [`${String(index)} ${text}`])
      assert(spool.counters.bytes <= MIB)
      assert(dropped.length > 0 && dropped.every((drop) => drop.startsWith('file open 1 ')), dropped.join())
      const opens = readAll(spool, 'file').map((value) => Number(value.split(' ')[0]))
      assert.equal(opens.length + spool.counters.droppedRecords, 4000)
      assert.deepEqual(
        opens,
        Array.from({ length: opens.length }, (_, index) => 4000 - opens.length + index),
        'the newest are there',
      )
      assert.equal(readAll(spool, 'process').length, 400)
      await spool.close()
    })
  })

  it('lets execs take what opens have above their share, and no more', async () => {
    await withSpoolFolder(async (folder) => {
      const spool = await open(folder)
      const droppedOf: Record<string, number> = {}
      spool.onDrop = (topic, accounts) => (droppedOf[topic] = (droppedOf[topic] ?? 0) + recordsOf(accounts))
      const text = 'v'.repeat(1000)
      for (let index = 0; index < 900; index++) write(spool, 'file', [text])
      for (let index = 0; index < 3000; index++) write(spool, 'process', [text], 'exec')
      const [opens, execs] = [readAll(spool, 'file').length, readAll(spool, 'process').length]
      assert.deepEqual([opens + (droppedOf['file'] ?? 0), execs + (droppedOf['process'] ?? 0)], [900, 3000])
      assert(opens > 200 && opens < 300, `${String(opens)} opens are about a quarter of the bound`)
      assert(execs > 700, String(execs))
      await spool.close()
    })
  })

  it('keeps order, completeness and exact counts over any writes, reads, cuts of the tail and restarts', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('write' as const),
          n: fc.integer({ min: 1, max: 4 }),
          size: fc.integer({ min: 1, max: 30_000 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), n: fc.integer({ min: 1, max: 5 }), size: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), n: fc.constant(0), size: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('tear' as const), n: fc.integer({ min: 1, max: 200 }), size: fc.constant(0) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        await withSpoolFolder(async (folder) => {
          let dropped = 0
          const reopen = async (): Promise<Spool> => {
            const spool = await open(folder)
            spool.onDrop = (_topic, accounts) => (dropped += recordsOf(accounts))
            return spool
          }
          let spool = await reopen()
          let written = 0
          const seen: number[] = []
          for (const { do: what, n, size } of steps) {
            if (what === 'write') {
              const values = Array.from({ length: n }, (_, index) => `${String(written + index)} ${'x'.repeat(size)}`)
              assert(write(spool, 'file', values))
              written += n
            } else if (what === 'read') {
              for (let count = 0; count < n; count++) {
                const block = spool.read('file')
                if (block === null) break
                seen.push(...valuesOfBody(block.body).map((value) => Number(value.split(' ')[0])))
                spool.settle(block)
              }
            } else {
              await spool.close()
              // An incomplete write: it was never acknowledged.
              const last = what === 'tear' ? segmentFiles(folder).at(-1) : undefined
              if (last !== undefined) writeFileSync(last, Buffer.concat([readFileSync(last), Buffer.alloc(n, 0x45)]))
              spool = await reopen()
            }
          }
          seen.push(...readAll(spool, 'file').map((value) => Number(value.split(' ')[0])))
          await spool.close()
          assert.equal(seen.length + dropped, written)
          assert(
            seen.every((value, index) => index === 0 || value > (seen[index - 1] ?? 0)),
            'in order, none twice',
          )
          if (dropped === 0)
            assert.deepEqual(
              seen,
              Array.from({ length: written }, (_, index) => index),
            )
          const [last] = seen.slice(-1)
          if (written > 0) assert.equal(last, written - 1, 'the newest is there')
        })
      }),
      { numRuns: 60 },
    )
  })

  it('is opened by one at a time, and by the next one when that has ended or was closed', async () => {
    await withSpoolFolder(async (folder) => {
      const first = await open(folder)
      await assert.rejects(
        open(folder),
        (error) => error instanceof StateFolderError && /another collector uses the spool/.test(error.message),
      )
      await first.close()
      await (await open(folder)).close()
    })
  })

  it('is opened whatever others listen on: no name that everybody can take is part of the lock', async () => {
    await withSpoolFolder(async (folder) => {
      await (await open(folder)).close()
      const { dev, ino } = statSync(folder)
      const squatter = createServer()
      await new Promise<void>((resolve) => squatter.listen(`\0eunomia-spool-${String(dev)}-${String(ino)}`, resolve))
      try {
        const spool = await open(folder)
        const names = readFileSync('/proc/net/unix', 'latin1')
          .split('\n')
          .filter((line) => line.includes(`@eunomia-spool-${String(dev)}-${String(ino)}`))
        assert.equal(names.length, 1, 'that of the other one')
        await spool.close()
      } finally {
        squatter.close()
      }
    })
  })
})
