// What a hunt costs over an archive in a folder, in one worker: one rule with a literal, whose rows the columns find, and all rules of Falco and Sigma, for
// which every record is read. Opens by 200 processes, of which one in 50 opens is new; a needle in each object.
// `node dist/test/bench/hunt.js [records of an object] [objects]`
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SILENT_LOGGER } from '../../infra/process/logger.js'
import { LoggedHistory } from '../../processors/forensics/history/logged-history.js'
import { StoredArchive } from '../../processors/forensics/history/stored-archive.js'
import { ruleOfCondition } from '../../processors/forensics/hunt/hunt-rules.js'
import { planHunt } from '../../processors/forensics/hunt/hunt-plan.js'
import { SliceRunner } from '../../processors/forensics/hunt/run-slice.js'
import { FolderStore } from '../../processors/forensics/objects/folder-store.js'
import { ObjectWriters } from '../../processors/forensics/parquet/object-writer.js'
import type { RuleFile } from '../../processors/rule-engine/read/rule-file.js'
import { Codec } from '../../schemas/codec.js'
import type { ArchiveEntry } from '../../schemas/generated/types.js'
import { ArrayRanges } from '../support/forensics/array-history.js'
import { printFigure } from '../support/load/cpu-cost.js'
import { WORKLOADS } from '../support/load/detect-workload.js'
import { ruleCorpus } from '../support/rule-corpus.js'

const BENCH = 'hunt'
const PROCESSES = 200
const NEW_EVERY = 50
const NEEDLES = 1
const START_MS = 1_760_000_000_000
const records = Number(process.argv[2] ?? 400_000)
const objects = Number(process.argv[3] ?? 5)

const codec = new Codec()
const corpus = ruleCorpus()
const workload = WORKLOADS.mixture(codec, 20_000)
if (workload === null || corpus === null) throw new Error('the corpus of rules is not there')
const opens = workload.records.filter(({ topic }) => topic === 'file').map(({ value }) => codec.decode('file', value))
const folder = mkdtempSync(join(tmpdir(), 'eunomia-bench-hunt-'))

/** An object of opens. */
async function archived(partition: number, store: FolderStore): Promise<ArchiveEntry> {
  const writer = (await ObjectWriters.create(codec)).begin('file')
  const key = Buffer.from(opens[0]?.origin.hostId ?? '')
  for (let index = 0; index < records; index++) {
    const event = opens[index % opens.length]
    const who = opens[index % NEW_EVERY === 0 ? index % opens.length : (index * 31 + (index >> 6)) % PROCESSES]
    if (event === undefined || who === undefined) break
    const isNeedle = index % Math.floor(records / NEEDLES) === 7
    const timestampMs = START_MS + (index >> 3)
    const origin = {
      ...event.origin,
      hostId: key.toString(),
      seq: index,
      wallTimeUs: timestampMs * 1_000,
      bootTimeUs: index * 113 + 5_000_000,
    }
    const value = codec.encode('file', { ...event, origin, process: who.process, ...(isNeedle && { path: '/opt/planted/needle' }) })
    writer.add({
      offset: index,
      timestampMs,
      keyBytes: key,
      keyStart: 0,
      keyEnd: key.length,
      valueBytes: value,
      valueStart: 0,
      valueEnd: value.length,
    })
  }
  const { content, facts } = writer.finish()
  const object = `file/bench/${String(partition)}.parquet`
  await store.put(object, content)
  return { object, topic: 'file', partition, firstOffset: 0, nextOffset: records, ...facts, gaps: [], createdUs: 0 }
}

async function measure(name: string, files: readonly RuleFile[], entries: readonly ArchiveEntry[]): Promise<void> {
  const stored = new StoredArchive({ ranges: new ArrayRanges([]), openStore: () => FolderStore.open(folder), codec, log: SILENT_LOGGER })
  const archive = { entries: () => Promise.resolve(entries), read: stored.read.bind(stored), close: () => stored.close() }
  const history = new LoggedHistory({ ranges: new ArrayRanges([]), archive, keyOf: () => 'file' })
  const plan = await planHunt({ fromMs: START_MS, toMs: START_MS + records, rules: { files, matching: 'first' } }, history)
  const runner = new SliceRunner(plan, { history, codec })
  const { signal } = new AbortController()
  let [alerts, evaluated, rssMiB] = [0, 0, 0]
  let before = process.cpuUsage()
  let startedMs = performance.now()
  for (const [index, slice] of plan.slices.entries()) {
    const { account } = await runner.run(slice, signal)
    rssMiB = Math.max(rssMiB, process.memoryUsage().rss / 2 ** 20)
    // Rules, filters and the engine are warm after the first object.
    if (index === 0) [before, startedMs] = [process.cpuUsage(), performance.now()]
    else [alerts, evaluated] = [alerts + account.alerts, evaluated + account.records]
  }
  const { user, system } = process.cpuUsage(before)
  const looked = records * (plan.slices.length - 1)
  const cpuUs = (user + system) / looked
  const perSecond = Math.round(looked / ((performance.now() - startedMs) / 1_000))
  printFigure(BENCH, name, { records: looked, evaluated, alerts, cpuUs, perCpuSecond: Math.round(1e6 / cpuUs), perSecond, rssMiB })
  await history.close()
}

try {
  const store = await FolderStore.open(folder)
  const entries: ArchiveEntry[] = []
  for (let at = 0; at < objects; at++) entries.push(await archived(at, store))
  await measure('literal', [ruleOfCondition('evt.type in (open, openat, openat2) and fd.name = /opt/planted/needle')], entries)
  await measure('all rules', [...corpus.falco, ...corpus.sigma], entries)
} finally {
  rmSync(folder, { recursive: true })
}
