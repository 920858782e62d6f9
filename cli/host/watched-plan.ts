// A plan in a file, followed when it changes: what it asks for is watched. A file that is no plan leaves the one before in force.
import type { KindSwitch } from '../../collector/watch/kind-switch.js'
import type { Part } from '../../infra/lifecycle.js'
import type { Logger } from '../../infra/logger.js'
import { messageOf } from '../../infra/errors.js'
import { readWatchPlan, type PlannedTypes } from '../../infra/watch-plan-file.js'
import { FileWatch, type FileWatchConfig } from '../../processors/file-watch.js'
import { kindsOfPlan } from './plan-kinds.js'

/** Switches to what a plan asks for, and says so. @throws what the kernel refuses with */
export function applyPlan(plan: PlannedTypes, kinds: KindSwitch, log: Logger): void {
  kinds.plan(kindsOfPlan(plan))
  log.info({ mode: plan.mode, ruleSet: plan.ruleSetHash, kinds: kinds.watched.size }, 'a watch plan is in force')
}

/** @throws WatchPlanError when the file is no plan at the start */
export function startWatchedPlan(path: string, kinds: KindSwitch, log: Logger, patience: Omit<FileWatchConfig, 'paths'> = {}): Part {
  let seen = JSON.stringify(followed(path, kinds, log))
  let failure: string | null = null
  const watch = new FileWatch({ ...patience, paths: [path] }, () => {
    try {
      const plan = readWatchPlan(path)
      failure = null
      const text = JSON.stringify(plan)
      if (text === seen) return
      applyPlan(plan, kinds, log)
      seen = text
    } catch (error) {
      // The same mistake is told once.
      if (failure !== messageOf(error)) log.error({ err: error }, 'the new watch plan is not used, the one before stays in force')
      failure = messageOf(error)
    }
  })
  return watch
}

function followed(path: string, kinds: KindSwitch, log: Logger): PlannedTypes {
  const plan = readWatchPlan(path)
  applyPlan(plan, kinds, log)
  return plan
}
