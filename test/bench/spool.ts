// What the spool costs: appending records to it, and reading them back to be sent, next to appending straight to a log as the base of the same run.
// `node dist/test/bench/spool.js [rounds] [events]`; one JSON line per figure, medians over the rounds. Acknowledges at once, so only the collector's side is measured.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SpoolListener } from '../../collector/spool/spool-listener.js'
import { Spool } from '../../collector/spool/spool.js'
import { SPOOL_SYNCS, type SpoolSync } from '../../collector/spool/spool-config.js'
import { SpooledAppender } from '../../collector/spool/spooled-appender.js'
import type { AckListener, AppendRecord } from '../../infra/topic-log/topic-log.js'
import type { BodyAppender, BodyLog } from '../../infra/topic-log/body-appender.js'
import { SILENT_LOGGER } from '../../infra/process/logger.js'

const ROUNDS = Number(process.argv[2] ?? 5)
const EVENTS = Number(process.argv[3] ?? 400_000)
const EVENT_BYTES = 250
const EVENTS_PER_TURN = 2_000
const BATCH = 1_000

const value = Buffer.alloc(EVENT_BYTES, 0x61)
const key = Buffer.from('5f1c7c52-9d0e-4a53-8f3e-0d3f7f6a2b11')

const listener: SpoolListener = {
  accountsOf: (_topic, records) => [{ kind: 'open', cpu: 0, count: records }],
  onSpooled: () => undefined,
  onUnspooled: () => undefined,
  onAck: () => undefined,
  onLoss: () => undefined,
  onMark: () => undefined,
}

/** Copies and acknowledges at once, or is not reached yet. */
class InstantLog implements BodyLog, BodyAppender {
  readonly bufferedBytes = 0
  readonly #copy = Buffer.alloc(1 << 20)
  #connect: () => void = () => undefined
  #onAck: AckListener = () => undefined
  readonly #isAway: boolean

  constructor(isAway: boolean) {
    this.#isAway = isAway
  }

  async appender(onAck: AckListener): Promise<BodyAppender> {
    this.#onAck = onAck
    if (this.#isAway) await new Promise<void>((resolve) => (this.#connect = resolve))
    return this
  }
  connect(): void {
    this.#connect()
  }
  append: BodyAppender['append'] = ({ topic, value, valueStart, valueEnd, mark }) => {
    this.#copy.set(value.subarray(valueStart, valueEnd))
    // As a publisher does: a batch at a time.
    if (mark % BATCH === 0) queueMicrotask(() => this.#onAck(topic, mark, BATCH))
    return true
  }
  appendBody: BodyAppender['appendBody'] = (topic, _key, body, mark) => {
    this.#copy.set(body.records)
    queueMicrotask(() => this.#onAck(topic, mark, body.count))
    return true
  }
  held: BodyAppender['held'] = () => []
  drained = (): Promise<void> => Promise.resolve()
  flush = (): Promise<void> => Promise.resolve()
  close = (): Promise<void> => Promise.resolve()
}

interface Cost {
  readonly wallUs: number
  readonly cpuUs: number
}

async function measure(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { wallUs: ((performance.now() - start) * 1000) / EVENTS, cpuUs: (user + system) / EVENTS }
}

/** Filled again for each record, as the collector does. */
const record: AppendRecord = { topic: 'file', key, value, valueStart: 0, valueEnd: EVENT_BYTES, timestampMs: 1_760_000_000_000, mark: 0 }

async function append(appender: SpooledAppender): Promise<void> {
  for (let i = 1; i <= EVENTS; i++) {
    record.mark = i
    if (!appender.append(record)) await appender.drained()
    if (i % EVENTS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await appender.flush()
}

const figures = new Map<string, Cost[]>()
const note = (name: string, cost: Cost): void => void figures.set(name, [...(figures.get(name) ?? []), cost])

async function round(sync: SpoolSync): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-bench-spool-'))
  try {
    const spool = await Spool.open({ folder, maxBytes: 1 << 30, sync }, SILENT_LOGGER)
    const log = new InstantLog(true)
    const appender = await SpooledAppender.open({ topicLog: log, spool, listener, key }, { outageMs: 0 })
    note(`append, sync ${sync}`, await measure(async () => await append(appender)))
    note(
      `send, sync ${sync}`,
      await measure(async () => {
        log.connect()
        while (spool.counters.segments > 0) {
          appender.tick()
          await new Promise((resolve) => setImmediate(resolve))
        }
      }),
    )
    await appender.close(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function straight(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-bench-spool-'))
  const log = new InstantLog(false)
  const spool = await Spool.open({ folder, maxBytes: 1 << 30, sync: 'none' }, SILENT_LOGGER)
  const appender = await SpooledAppender.open({ topicLog: log, spool, listener, key })
  note('straight, through the lanes', await measure(async () => await append(appender)))
  await appender.close(0)
  rmSync(folder, { recursive: true, force: true })
  const bare = await new InstantLog(false).appender(() => undefined)
  note(
    'straight, no spool',
    await measure(async () => {
      for (let i = 1; i <= EVENTS; i++) {
        record.mark = i
        bare.append(record)
        if (i % EVENTS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
}

for (let count = 0; count < ROUNDS; count++) {
  await straight()
  for (const sync of SPOOL_SYNCS) await round(sync)
}
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
for (const [what, costs] of figures) {
  const [cpuUs, wallUs] = [median(costs.map((cost) => cost.cpuUs)), median(costs.map((cost) => cost.wallUs))]
  const megabytes = Math.round((EVENT_BYTES / wallUs) * 10) / 10
  const rounded = (figure: number): number => Math.round(figure * 1000) / 1000
  process.stdout.write(
    `${JSON.stringify({ bench: 'spool', what, cpuUsPerEvent: rounded(cpuUs), wallUsPerEvent: rounded(wallUs), megabytesPerSecond: megabytes })}\n`,
  )
}
