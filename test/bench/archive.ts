// What the archive costs: CPU and bytes per record, written and read back, by kind of load. The events are those of the mixture that detect is measured
// with, in the order of time: opens by 200 processes, and one of 50 by a process that opens nothing else; execs, each of a process of its own; and the
// opens of the mixture as they are, each of a process of its own, which no host has.
// `node dist/test/bench/archive.js [records]`
import { ArchivedObject } from '../../processors/forensics/parquet/object-reader.js'
import { ObjectWriters, type WrittenObject } from '../../processors/forensics/parquet/object-writer.js'
import type { ArchiveTopic } from '../../processors/forensics/columns.js'
import { Codec } from '../../schemas/codec.js'
import type { FileEvent, ProcessEvent } from '../../schemas/generated/types.js'
import { medianCpuUs, printFigure } from '../support/load/cpu-cost.js'
import { WORKLOADS } from '../support/load/detect-workload.js'

const BENCH = 'archive'
const RUNS = 5
const PROCESSES = 200
const NEW_EVERY = 50
const START_US = 1_760_000_000_000_000
const count = Number(process.argv[2] ?? 200_000)

const codec = new Codec()
const workload = WORKLOADS.mixture(codec, 20_000)
if (workload === null) throw new Error('the corpus of rules is not there')
const keys = workload.records.map(({ key }) => key)

/** The topic's events of the mixture, encoded again after `change`. */
function events(
  topic: 'file' | 'process',
  change: (event: FileEvent | ProcessEvent, index: number, all: readonly (FileEvent | ProcessEvent)[]) => object,
): Uint8Array[] {
  const own = workload?.records.filter((record) => record.topic === topic).map(({ value }) => codec.decode(topic, value)) ?? []
  return Array.from({ length: count }, (_, index) => {
    const event = own[index % own.length]
    if (event === undefined) throw new Error('the mixture is empty')
    const origin = { ...event.origin, seq: index, wallTimeUs: START_US + index * 113, bootTimeUs: index * 113 + 5_000_000 }
    return codec.encode(topic, { ...event, origin, ...change(event, index, own) } as never)
  })
}

/** The process of an open: one of the most active, in no order, or one that opens nothing else. */
function processOf(index: number, all: readonly (FileEvent | ProcessEvent)[]): object | undefined {
  const process = all[(index * 31 + (index >> 6)) % PROCESSES]?.process
  return index % NEW_EVERY === 0 && process !== undefined ? { ...process, pid: 100_000 + index, startBootUs: index * 113 } : process
}

const LOADS: Readonly<Record<string, readonly [topic: ArchiveTopic, values: () => readonly Uint8Array[]]>> = {
  open: ['file', () => events('file', (_, index, all) => ({ process: processOf(index, all) }))],
  exec: [
    'process',
    () => events('process', (event, index) => ({ process: { ...event.process, pid: 1_000 + (index % 30_000), startBootUs: index * 113 } })),
  ],
  mixture: ['file', () => events('file', () => ({}))],
}

async function measure(name: string, topic: ArchiveTopic, values: readonly Uint8Array[]): Promise<void> {
  const writers = await ObjectWriters.create(codec)
  let object: WrittenObject | undefined
  const writeUs = medianCpuUs(RUNS, () => (object = write(writers, topic, values)))
  if (object === undefined) return
  const { content } = object
  const decodeUs = medianCpuUs(RUNS, () => {
    for (const value of values) codec.decode(topic, value)
  })
  const archived = await ArchivedObject.open(content)
  const readUs = medianCpuUs(RUNS, () => {
    for (const batch of archived.batches({ topic, partition: 0 })) while (batch.next());
  })
  printFigure(BENCH, name, {
    records: count,
    valueBytes: values.reduce((sum, value) => sum + value.length, 0) / count,
    writeUs: writeUs / count,
    decodeUs: decodeUs / count,
    bytes: content.length / count,
    readUs: readUs / count,
    rssMiB: process.memoryUsage().rss / 2 ** 20,
  })
}

function write(writers: ObjectWriters, topic: ArchiveTopic, values: readonly Uint8Array[]): WrittenObject {
  const writer = writers.begin(topic)
  for (const [index, value] of values.entries()) {
    const keyBytes = keys[index % keys.length] ?? value
    const span = { keyBytes, keyStart: 0, keyEnd: keyBytes.length, valueBytes: value, valueStart: 0, valueEnd: value.length }
    writer.add({ offset: index, timestampMs: Math.floor(START_US / 1000) + (index >> 3), ...span })
  }
  return writer.finish()
}

for (const [name, [topic, values]] of Object.entries(LOADS)) await measure(name, topic, values())
