// What the probes cost: CPU of an open+close and of a fork+exec+exit with and without them, and CPU of reading a ring in JavaScript per event.
// Alternating runs, medians; CPU time and not wall time, so that what else runs counts less. Needs root. Prints one JSON line per figure.
import { readSpanHeaders } from './ring-walk.js'
import { Workloads } from '../e2e/native/workload.js'
import { drain, ticketOf } from '../e2e/native/kernel-records.js'
import { openSession, totalOf } from '../e2e/native/watch.js'
import { KIND, OPEN_WAY } from '../../native/generated/layout.js'
import { type KernelFilters, type KernelKnobs, NO_FILTERS } from '../../native/kernel-control.js'
import type { KernelSession, RingSpan } from '../../native/rings.js'

const RUNS = 7
const OPENS = 100_000
const EXECS = 1_500

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
}

function report(figure: string, values: object): void {
  process.stdout.write(`${JSON.stringify({ bench: 'ring-drain', figure, ...values })}\n`)
}

/** How to run a storm: with probes of these knobs, configured further by `prepare`; or without any. */
interface Way {
  readonly name: string
  readonly knobs: Partial<KernelKnobs> | null
  readonly prepare?: (session: KernelSession, workloads: Workloads) => void
}

/** What a storm makes. Other programs of the machine make more, and may be refused: they can't push these out. */
const OF_STORMS = [KIND.open, KIND.fork, KIND.exec, KIND.exit]

/** CPU of one act of a storm, ns. The rings hold all of a run, with room for what else runs: nobody reads meanwhile. */
function stormNs(workloads: Workloads, storm: string, count: number, { knobs, prepare }: Way): number {
  const session = knobs === null ? null : openSession({ securityRingBytes: 1 << 26, bulkRingBytes: 1 << 27, ...knobs })
  try {
    if (session !== null) prepare?.(session, workloads)
    const [line = ''] = workloads.run(storm, ['-', String(count)]).lines
    const refused = session?.suppressions().budget ?? []
    if (session !== null && OF_STORMS.some((kind) => totalOf(session, 'dropped', kind) + (refused[kind] ?? 0) > 0))
      throw new Error('the ring was too small: records were dropped or refused')
    return Number(line)
  } finally {
    session?.close()
  }
}

function benchStorm(workloads: Workloads, storm: string, count: number, ways: readonly Way[]): void {
  const taken = ways.map((): number[] => [])
  for (let round = 0; round < RUNS; round++) ways.forEach((way, index) => taken[index]?.push(stormNs(workloads, storm, count, way)))
  const base = median(taken[0] ?? [])
  ways.forEach(({ name }, index) => {
    const cpuNs = median(taken[index] ?? [])
    report(`${storm}, ${name}`, { cpuNs, slowdownPercent: Math.round((cpuNs / base - 1) * 1000) / 10 })
  })
}

/** CPU of reading one record: poll, walk the ring headers, look at kind and length, ack. */
function benchDrain(workloads: Workloads): void {
  const rates: number[] = []
  let bytes = 0
  for (let round = 0; round < RUNS; round++) {
    const session = openSession({ bulkRingBytes: 1 << 27 })
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

const WITHOUT_READS: KernelFilters = {
  ...NO_FILTERS,
  opened: NO_FILTERS.opened.map((choice, way) => (way === OPEN_WAY.read ? 'leftOut' : choice)),
}

/** The paths of the storm have a verdict: it is found, and they are left out. */
function leaveOutByPath(session: KernelSession, programs: Workloads): void {
  session.setFilters({ ...NO_FILTERS, opened: NO_FILTERS.opened.map(() => 'byPath') })
  programs.run('open-storm', ['-', '10'])
  for (const { kind, bytes } of drain(session.rings[1])) {
    const ticket = kind === KIND.open ? ticketOf(bytes) : null
    if (ticket !== null) session.setPathVerdict(...ticket, false)
  }
}

const workloads = new Workloads()
try {
  benchDrain(workloads)
  benchStorm(workloads, 'open-storm', OPENS, [
    { name: 'no probes', knobs: null },
    { name: 'opens not watched', knobs: {}, prepare: (session) => session.watchKinds(new Set()) },
    { name: 'reads left out', knobs: {}, prepare: (session) => session.setFilters(WITHOUT_READS) },
    { name: 'left out by their path', knobs: {}, prepare: leaveOutByPath },
    { name: 'everything sent, without the argument', knobs: { openArgument: false } },
    { name: 'everything sent', knobs: {} },
  ])
  benchStorm(workloads, 'exec-storm', EXECS, [
    { name: 'no probes', knobs: null },
    { name: 'everything sent', knobs: {} },
  ])
} finally {
  workloads.close()
}
