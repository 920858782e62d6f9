// The plain evaluator: CPU per event and core, with the rules that ship with us and with all of Falco's (where the corpus is there), over
// ordinary events that match nothing and over one that matches. Medians of several runs. Prints one JSON line per figure.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { packageRoot } from '../../infra/process/package-root.js'
import { createPlainEvaluator } from '../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { RuleEvent } from '../../processors/rule-engine/fields/rule-event.js'
import { loadRuleFiles } from '../../processors/rule-engine/load/rule-files.js'
import { sampleContainerFacts, sampleFileEvent, sampleProcess, sampleProcessEvent } from '../support/records/sample-records.js'

const RUNS = 7
const EVENTS = 20_000
const CONTAINER = { state: 'known', containerId: 'f'.repeat(64), facts: sampleContainerFacts() } as const

const nginx = sampleProcess({ name: 'nginx', exePath: '/usr/sbin/nginx', args: ['nginx: worker process'] })
const ls = sampleProcess({ name: 'ls', exePath: '/usr/bin/ls', args: ['ls', '-l', '/srv'] })
const STREAMS: Readonly<Record<string, RuleEvent>> = {
  'open that matches nothing': {
    event: { topic: 'file', record: sampleFileEvent({ path: '/usr/share/nginx/html/index.html', process: nginx }) },
    container: CONTAINER,
  },
  'exec that matches nothing': { event: { topic: 'process', record: sampleProcessEvent({ process: ls }) }, container: CONTAINER },
  'open of /etc/shadow by cat': { event: { topic: 'file', record: sampleFileEvent() }, container: CONTAINER },
}

function rulesOf(name: string, paths: readonly string[]): readonly [string, ReturnType<typeof loadRuleFiles>, number] | null {
  if (!paths.every((path) => existsSync(path))) {
    process.stderr.write(`skipped: ${name}, no ${paths.join(', ')}\n`)
    return null
  }
  const before = process.cpuUsage()
  const loaded = loadRuleFiles(paths)
  const used = process.cpuUsage(before)
  return [name, loaded, (used.user + used.system) / 1000]
}

/** Median CPU microseconds per event. */
function microsecondsPerEvent(evaluate: () => unknown): number {
  for (let i = 0; i < EVENTS / 4; i++) evaluate()
  const costs: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage()
    for (let i = 0; i < EVENTS; i++) evaluate()
    const used = process.cpuUsage(before)
    costs.push((used.user + used.system) / EVENTS)
  }
  return costs.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0
}

const corpus = join(process.env['EUNOMIA_SHARED'] ?? resolve(packageRoot(), '../shared'), 'corpora/falco')
const falco = ['falco_rules.yaml', 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'].map((file) => join(corpus, file))
const sets = [
  rulesOf('our rules', [join(packageRoot(), 'rules')]),
  rulesOf("Falco's stable rules", falco.slice(0, 1)),
  rulesOf("all of Falco's rules", falco),
]
for (const set of sets) {
  if (set === null) continue
  const [rules, { ruleSet, errors }, loadMs] = set
  if (errors.length > 0) throw new Error(`${rules} do not load`)
  const active = ruleSet.activeRules.length
  process.stdout.write(
    `${JSON.stringify({ bench: 'judge', rules, figure: 'load', rulesLoaded: ruleSet.rules.length, active, cpuMs: Math.round(loadMs) })}\n`,
  )
  for (const matching of ['first', 'all'] as const) {
    const evaluator = createPlainEvaluator(ruleSet, { matching })
    for (const [stream, event] of Object.entries(STREAMS)) {
      const us = microsecondsPerEvent(() => evaluator.evaluate(event))
      process.stdout.write(`${JSON.stringify({ bench: 'judge', rules, figure: stream, matching, cpuUsPerEvent: Number(us.toFixed(2)) })}\n`)
    }
  }
}
