// Correlations in one process: CPU per match that feeds one, from reading its fields to its verdict, with few groups and with many, and with windows
// that hold much. Medians of several runs. Prints one JSON line per figure.
import { type TestMatch, TestCorrelator } from '../support/correlation/test-correlator.js'
import { correlation, programRule, ruleSetOf } from '../support/correlation/program-rules.js'

const RUNS = 7
const MATCHES = 20_000
const BATCH = 500

const SCENES: readonly (readonly [name: string, text: string, users: number])[] = [
  ['event_count, 10 groups', 'type: event_count, rules: [a], group-by: [User], timespan: 1m, condition: {gte: 100}', 10],
  ['event_count, 10,000 groups', 'type: event_count, rules: [a], group-by: [User], timespan: 1m, condition: {gte: 100}', 10_000],
  ['value_count, one group', 'type: value_count, rules: [a], timespan: 1m, condition: {field: User, gte: 500}', 400],
  ['temporal_ordered, 10 groups', 'type: temporal_ordered, rules: [a, b], group-by: [User], timespan: 1m', 10],
]

/** One match every millisecond. */
function matchesOf(users: number): TestMatch[] {
  return Array.from({ length: MATCHES }, (_, index) => ({ rule: 'a', second: index / 1000, user: `u${String(index % users)}`, seq: index }))
}

/** CPU microseconds per match. */
async function costOf(text: string, users: number): Promise<number> {
  const test = new TestCorrelator(ruleSetOf(programRule('a'), programRule('b'), correlation('C', text)))
  const batches: TestMatch[][] = []
  for (let from = 0, all = matchesOf(users); from < MATCHES; from += BATCH) batches.push(all.slice(from, from + BATCH))
  const before = process.cpuUsage()
  for (const batch of batches) {
    await test.observe(...batch)
    await test.advance()
  }
  await test.finish()
  const used = process.cpuUsage(before)
  return (used.user + used.system) / MATCHES
}

for (const [scene, text, users] of SCENES) {
  const costs: number[] = []
  for (let run = 0; run < RUNS; run++) costs.push(await costOf(text, users))
  const usPerMatch = Math.round((costs.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0) * 10) / 10
  process.stdout.write(`${JSON.stringify({ bench: 'correlate', scene, usPerMatch, matches: MATCHES, runs: RUNS })}\n`)
}
