// All trackers of aggregates. Names are those of settings, of the control API and of `eunomia trackers`.
import { CAPABILITY_USAGE } from './readers/capability-usage.js'
import { FILE_USAGE } from './readers/file-usage.js'
import { SYSCALL_USAGE } from './readers/syscall-usage.js'
import { TCP_USAGE } from './readers/tcp-usage.js'
import type { UsageTracker } from './usage-reader.js'

/** In the order of their lists. */
export const USAGE_TRACKERS: readonly UsageTracker[] = [SYSCALL_USAGE, FILE_USAGE, TCP_USAGE, CAPABILITY_USAGE]
