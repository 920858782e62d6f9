// The thread of trial-load.ts: loads rule files as the program would, and ends.
import { readlinkSync } from 'node:fs'
import { workerData } from 'node:worker_threads'
import { createCompiledEvaluator } from '../compiled/compiled-evaluator.js'
import type { RuleFile } from '../read/rule-file.js'
import { loadRules } from './load-rules.js'
import type { TrialLoad } from './trial-load.js'

const { files, pipelines, placeholders, begun } = workerData as TrialLoad
Atomics.store(begun, 1, kernelThread())
// The empty file after the last one stands for all that is done once they are read.
const counted = [...files, { name: '', text: '' }].map(({ name, text }, index): RuleFile => ({
  name,
  get text() {
    Atomics.store(begun, 0, index + 1)
    return text
  },
}))
createCompiledEvaluator(loadRules(counted, { pipelines, placeholders }).ruleSet)

/** The kernel's number of this thread; -1 where it does not say. */
function kernelThread(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? -1)
  } catch {
    return -1
  }
}
