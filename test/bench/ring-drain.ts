// What the probes cost: CPU of an open+close and of a fork+exec+exit with and without them, and CPU of reading a ring in JavaScript per event.
// Alternating runs, medians; CPU time and not wall time, so that what else runs counts less. Needs root. Prints one JSON line per figure.
import { readSpanHeaders } from './ring-walk.js'
import { Workloads } from '../e2e/native/workload.js'
import { openSession, totalOf } from '../e2e/native/watch.js'
import type { KernelKnobs, RingSpan } from '../../native/kernel-session.js'

const RUNS = 7
const OPENS = 100_000
const EXECS = 1_500

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

function report(figure: string, values: object): void {
  process.stdout.write(`${JSON.stringify({ bench: 'ring-drain', figure, ...values })}\n`)
}

/** CPU of one act of a storm, ns, with a session of these knobs, or without one. The rings hold all of a run: nobody reads meanwhile. */
function stormNs(workloads: Workloads, storm: string, count: number, knobs: Partial<KernelKnobs> | null): number {
  const session = knobs === null ? null : openSession({ bulkRingBytes: 1 << 26, ...knobs })
  try {
    const [line = ''] = workloads.run(storm, ['-', String(count)]).lines
    if (session !== null && totalOf(session, 'dropped') > 0) throw new Error('the ring was too small: records were dropped')
    return Number(line)
  } finally {
    session?.close()
  }
}

function benchStorm(workloads: Workloads, storm: string, count: number, ways: readonly [string, Partial<KernelKnobs> | null][]): void {
  const taken = ways.map((): number[] => [])
  for (let round = 0; round < RUNS; round++) ways.forEach(([, knobs], way) => taken[way]?.push(stormNs(workloads, storm, count, knobs)))
  const base = median(taken[0] ?? [])
  ways.forEach(([name], way) => {
    const cpuNs = median(taken[way] ?? [])
    report(`${storm}, ${name}`, { cpuNs, slowdownPercent: Math.round((cpuNs / base - 1) * 1000) / 10 })
  })
}

/** CPU of reading one record: poll, walk the ring headers, look at kind and length, ack. */
function benchDrain(workloads: Workloads): void {
  const rates: number[] = []
  let bytes = 0
  for (let round = 0; round < RUNS; round++) {
    const session = openSession({ bulkRingBytes: 1 << 26 })
    try {
      workloads.run('open-storm', ['-', String(OPENS)])
      const [, bulk] = session.rings
      const span: RingSpan = { startOffset: 0, endOffset: 0, endPosition: 0, bytesBehind: 0 }
      const view = new DataView(bulk.bytes.buffer, bulk.bytes.byteOffset, bulk.bytes.byteLength)
      let records = 0
      const before = process.cpuUsage()
      while (bulk.poll(span, 1 << 19) > 0) {
        records += readSpanHeaders(view, span)
        bulk.ack(span.endPosition)
      }
      const used = process.cpuUsage(before)
      rates.push(records / ((used.user + used.system) / 1e6))
      bytes = span.endPosition / records
    } finally {
      session.close()
    }
  }
  report('drain', { recordsPerCpuSecond: Math.round(median(rates)), bytesPerRecord: Math.round(bytes) })
}

const workloads = new Workloads()
try {
  benchDrain(workloads)
  benchStorm(workloads, 'open-storm', OPENS, [
    ['no probes', null],
    ['reads left out', { openReads: false }],
    ['everything sent, without the argument', { openArgument: false }],
    ['everything sent', {}],
  ])
  benchStorm(workloads, 'exec-storm', EXECS, [
    ['no probes', null],
    ['everything sent', {}],
  ])
} finally {
  workloads.close()
}
