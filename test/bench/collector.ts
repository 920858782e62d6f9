// Ring bytes to Avro in a topic log, events per second on one core, next to a plain copy of the same ring bytes as the base.
// opens: 64 processes open files of varied paths; lives: fork, exec and exit of short programs.
// Medians of several runs. Prints one JSON line per figure. Run: node dist/test/bench/collector.js
import { RING, type RingIndex } from '../../collector/source/event-source.js'
import { Redactor } from '../../collector/redaction/redactor.js'
import { MemoryLog } from '../../infra/topic-log/memory-log/memory-log.js'
import { RecordBench } from '../support/records/record-bench.js'
import { execRecord, exitRecord, forkRecord, openRecord, ringBytes, taskRecord } from '../support/records/ring-records.js'

const RUNS = 9
const EVENTS = 60_000
const PROCESSES = 64
/** Cgroup of the records. */
const CGROUP = 7n
/** As the live source: the event loop has a turn, and the log acknowledges, after so many bytes. */
const TURN_BYTES = 512 * 1024

/** Ring bytes of one turn each. */
function turns(records: readonly Uint8Array[]): Uint8Array[] {
  const batches: Uint8Array[] = []
  let batch: Uint8Array[] = []
  let bytes = 0
  for (const record of records) {
    batch.push(record)
    bytes += record.length
    if (bytes < TURN_BYTES) continue
    batches.push(ringBytes(batch))
    batch = []
    bytes = 0
  }
  if (batch.length > 0) batches.push(ringBytes(batch))
  return batches
}

function opens(): Uint8Array[] {
  return Array.from({ length: EVENTS }, (_, index) => {
    const pid = 1000 + (Math.floor(index / 8) % PROCESSES)
    const path = `/var/lib/app/${String(index % 977)}/data-${String(index % 31)}.json`
    const header = { pid, tid: pid, seq: BigInt(index + 1), bootNs: 5_000_000_000n + BigInt(index) * 1000n }
    return openRecord(header, { path, argument: path, inode: 1_234_567n })
  })
}

function lives(): Uint8Array[] {
  const records: Uint8Array[] = []
  for (let index = 0; records.length < EVENTS; index++) {
    const pid = 10_000 + (index % 20_000)
    const startNs = 6_000_000_000n + BigInt(index) * 100_000_000n
    const at = (step: number): { pid: number; tid: number; startNs: bigint; bootNs: bigint; uid: number; seq: bigint } => {
      return { pid, tid: pid, startNs, bootNs: startNs + BigInt(step), uid: 1000, seq: BigInt(records.length + 1) }
    }
    const parent = { parentPid: 1000, parentStartNs: 1_000_000_000n }
    const args = ['/usr/bin/stat', '--format=%s', `/tmp/file-${String(index)}`]
    records.push(forkRecord(at(0), parent))
    records.push(execRecord(at(1), parent, { args, exePath: '/usr/bin/stat', cwd: '/home/alice', filename: '/usr/bin/stat' }))
    records.push(exitRecord(at(2), 0))
  }
  return records
}

interface Figure {
  readonly name: string
  readonly ring: RingIndex
  readonly batches: readonly Uint8Array[]
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** CPU microseconds per event of one run in a collector of its own. */
async function encodeOnce({ ring, batches }: Figure): Promise<number> {
  const bench = await RecordBench.open({ redactor: new Redactor() }, undefined, new MemoryLog())
  bench.containers.put(CGROUP, { path: '/system.slice/app.service', claim: null, claimUid: null, containerId: null })
  const config = { args: ['/opt/app/bin/server', '--config', '/etc/app.yaml'], exePath: '/opt/app/bin/server' }
  await bench.seed(...Array.from({ length: PROCESSES }, (_, index) => taskRecord({ pid: 1000 + index }, {}, config)))
  const before = process.cpuUsage()
  for (const batch of batches) {
    bench.feedBytes(ring, batch)
    await nextTurn()
  }
  const { user, system } = process.cpuUsage(before)
  if (bench.pipeline.handled < EVENTS || bench.pipeline.malformed > 0) throw new Error('events were lost in the bench')
  return (user + system) / bench.pipeline.handled
}

async function copyOnce({ batches }: Figure): Promise<number> {
  const target = new Uint8Array(2 * TURN_BYTES)
  const before = process.cpuUsage()
  for (const batch of batches) {
    target.set(batch)
    await nextTurn()
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / EVENTS
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

const figures: readonly Figure[] = [
  { name: 'opens', ring: RING.bulk, batches: turns(opens()) },
  { name: 'fork, exec, exit', ring: RING.security, batches: turns(lives()) },
]
for (const figure of figures) {
  const encoded: number[] = []
  const copied: number[] = []
  for (let run = 0; run < RUNS; run++) {
    encoded.push(await encodeOnce(figure))
    copied.push(await copyOnce(figure))
  }
  const us = median(encoded)
  const bytes = figure.batches.reduce((sum, batch) => sum + batch.length, 0) / EVENTS
  const line = {
    bench: 'collector',
    figure: figure.name,
    ringBytesPerEvent: Math.round(bytes),
    cpuUsPerEvent: Number(us.toFixed(3)),
    eventsPerCpuSecond: Math.round(1e6 / us),
    copyUsPerEvent: Number(median(copied).toFixed(3)),
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
