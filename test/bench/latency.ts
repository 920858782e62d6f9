// From an event in the kernel to the alert in its topic, as a reader of committed records sees it: collector and functions as processes of
// their own, over a real Kafka and Redis. In the base only the event's own way to its topic is measured, in the same run.
// Needs root. Prints one JSON line per figure. Run: node dist/test/bench/latency.js
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Origin } from '../../schemas/generated/types.js'
import { Workloads } from '../e2e/native/workload.js'
import { FollowedTopic } from '../support/system/followed-topic.js'
import { freshKafkaTopics } from '../support/services/kafka-log.js'
import { sharedRedis, stopSharedServices } from '../support/services/services.js'
import { TestSystem } from '../support/system/test-system.js'
import { waitFor } from '../support/wait-for.js'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const EVENTS = 601
const WARM_UP = 100
/** No multiple of a linger or of a poll. */
const PAUSE_US = 23_000

/** Milliseconds from each event to now, by the name of its file. */
class Delays {
  readonly #byPath = new Map<string, number>()

  note(path: string | null, { wallTimeUs }: Origin): void {
    if (path !== null && !this.#byPath.has(path)) this.#byPath.set(path, performance.timeOrigin + performance.now() - wallTimeUs / 1000)
  }
  get count(): number {
    return this.#byPath.size
  }
  print(name: string): void {
    const sorted = [...this.#byPath.values()].slice(WARM_UP).sort((a, b) => a - b)
    const at = (share: number): number => Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1))
    process.stdout.write(
      `${JSON.stringify({ name, events: sorted.length, p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99), maxMs: at(1) })}\n`,
    )
  }
}

const workloads = new Workloads()
const folder = join(workloads.folder, 'latency')
mkdirSync(folder)
const kafka = await freshKafkaTopics()
const system = new TestSystem({
  kafka,
  redisUrl: (await sharedRedis()).address,
  rules: `
- rule: file of the bench made
  desc: every event of the load
  condition: evt.type in (open, openat, openat2) and evt.is_open_write=true and fd.name startswith ${folder}/
  output: made %fd.name
  priority: WARNING
`,
})
try {
  const toTopic = new Delays()
  const toAlert = new Delays()
  const isOurs = (path: string | null): boolean => path?.startsWith(folder) === true
  const files = await FollowedTopic.open(kafka, 'file', ({ path, origin }) => isOurs(path) && toTopic.note(path, origin))
  const alerts = await FollowedTopic.open(kafka, 'alerts', ({ path, origin }) => toAlert.note(path, origin))
  await system.collect()
  await system.functions()
  const load = spawn(workloads.program('steady-load'), ['-', folder, String(EVENTS), '1', String(PAUSE_US)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await once(load, 'exit')
  await waitFor('every alert', () => toAlert.count >= EVENTS && toTopic.count >= EVENTS)
  await files.close()
  await alerts.close()
  toTopic.print('event in the kernel to its topic, seen by a reader')
  toAlert.print('event in the kernel to alert in the topic, seen by a reader')
} finally {
  await system.close()
  workloads.close()
  await stopSharedServices()
}
