// The source of a command's events: live probes, a given capture, or, without the privileges for probes, the capture that ships with Eunomia.
import { accessSync, constants, existsSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { findV1Hierarchy } from '../collector/containers/cgroups/cgroup-hierarchies.js'
import type { EventSource } from '../collector/source/event-source.js'
import { LiveSource, type LiveSourceOptions, readHostFacts } from '../collector/source/live-source.js'
import { CaptureSource } from '../collector/source/capture-source.js'
import { UsageTrackers } from '../collector/usage/usage-trackers.js'
import type { Config } from '../infra/config/config-schema.js'
import { UsageError, messageOf } from '../infra/process/errors.js'
import type { Logger } from '../infra/process/logger.js'
import { printable } from '../infra/text/printable.js'
import { packageRoot } from '../infra/process/package-root.js'
import type { KernelKnobs } from '../native/kernel-control.js'
import { hostPinFolder, openPinnedSession } from '../native/pins.js'
import { ProbeUnavailableError } from '../native/requirements.js'
import { type KernelSession, openKernelSession } from '../native/rings.js'
import { openUsageTables } from '../native/usage-tables.js'
import { CAPABILITY_TRACKER } from '../collector/usage/readers/capability-usage.js'
import { FILE_TRACKER } from '../collector/usage/readers/file-usage.js'
import { SYSCALL_TRACKER } from '../collector/usage/readers/syscall-usage.js'
import { TCP_TRACKER } from '../collector/usage/readers/tcp-usage.js'
import type { UsageTracker } from '../collector/usage/usage-reader.js'

/** The capture that is replayed where live probes cannot run. */
export const SHIPPED_CAPTURE = join(packageRoot(), 'test/fixtures/captures/demo.capture')

/** An open source. */
export interface OpenedSource {
  readonly source: EventSource
  /** File that is replayed; null for live probes. */
  readonly captureFile: string | null
  /** That capture as a source; null for live probes. */
  readonly recorded: CaptureSource | null
  /** Why the shipped capture is replayed instead of live probes; null otherwise. */
  readonly whyNotLive: string | null
  /** Rings that an earlier version, or other knobs, left pinned; they are read first. */
  readonly older: readonly OlderSource[]
  /** Releases what the source holds on the host. Call it after the source has ended. */
  readonly release: () => void
}

/** Rings of an earlier collector. */
export interface OlderSource {
  readonly source: EventSource
  /** Removes their pins and closes the source. Call it once all records are safe. */
  remove(): void
}

/** How a collector's probes outlive it. */
export interface Pinning {
  readonly hostId: string
  readonly log: Logger
}

/** How often the rings are read. */
export type ReadingPace = Pick<LiveSourceOptions, 'tickMs' | 'loadRecords'>

/** For events whose readers are in this process: fewer and larger batches cost a third less, and an alert may come 50 ms after its event. */
export const PACE_OF_ALERTS: ReadingPace = { tickMs: 20, loadRecords: 0 }

/**
 * Opens the source. The caller closes it, or hands it to the collector, which does.
 * @param pinning pins live probes, so that they outlive the process; null for probes that end with it
 * @param captureFile given by the user; undefined for live probes
 * @param pace of live probes; default that of a collector whose events go elsewhere
 * @throws UsageError for a missing capture; ProbeUnavailableError if probes cannot run and `mayFallBack` is false
 */
export function openSource(
  collector: Config['collector'],
  captureFile: string | undefined,
  mayFallBack: boolean,
  pinning: Pinning | null,
  pace: ReadingPace = {},
): OpenedSource {
  if (captureFile !== undefined) {
    const problem = problemWithFile(captureFile)
    if (problem !== null) throw new UsageError(`capture ${printable(captureFile)} ${problem}`)
    return played(captureFile, null)
  }
  try {
    return { ...openLive(collector, pinning, pace), captureFile: null, recorded: null, whyNotLive: null }
  } catch (error) {
    if (!(error instanceof ProbeUnavailableError) || !mayFallBack || !existsSync(SHIPPED_CAPTURE)) throw error
    return played(SHIPPED_CAPTURE, messageOf(error))
  }
}

function problemWithFile(path: string): string | null {
  if (!existsSync(path)) return 'does not exist'
  if (!statSync(path).isFile()) return 'is no file'
  try {
    accessSync(path, constants.R_OK)
    return null
  } catch {
    return 'can not be read: a recording is for its owner only (chown or chmod it)'
  }
}

function played(captureFile: string, whyNotLive: string | null): OpenedSource {
  const recorded = new CaptureSource(captureFile)
  return { source: recorded, captureFile, recorded, whyNotLive, ...HOLDS_NOTHING }
}

const HOLDS_NOTHING: Pick<OpenedSource, 'older' | 'release'> = { older: [], release: () => undefined }

function openLive(
  collector: Config['collector'],
  pinning: Pinning | null,
  pace: ReadingPace,
): Pick<OpenedSource, 'source' | 'older' | 'release'> {
  const knobs = kernelKnobs(collector)
  if (pinning === null || !collector.pins) return { source: liveSource(openKernelSession(knobs), pace), ...HOLDS_NOTHING }
  const { hostId, log } = pinning
  const { noReaderMs } = collector
  const renewMs = Math.min(5000, noReaderMs / 4)
  const { session, older, release } = openPinnedSession(knobs, {
    folder: hostPinFolder(hostId),
    noReaderMs,
    onProblem: (problem) => log.warn({ problem }, 'pins cannot be used fully'),
  })
  const rests = older.map(({ session: rest, remove }) => ({ source: liveSource(rest, { keepsEvents: false, renewMs }), remove }))
  return { source: liveSource(session, { ...pace, renewMs }), older: rests, release }
}

function kernelKnobs({ argsBytes, securityRingBytes, bulkRingBytes, openReads, environment, budgets }: Config['collector']): KernelKnobs {
  return {
    argsBytes,
    securityRingBytes,
    bulkRingBytes,
    openReads,
    openArgument: true,
    environmentNames: environment.names,
    budgets,
    ignoredPid: ownPid(),
  }
}

function liveSource(session: KernelSession, options: LiveSourceOptions = {}): LiveSource {
  return new LiveSource(session, readHostFacts(session.counters().length), options)
}

/** Inode of the initial pid namespace (PROC_PID_INIT_INO, include/linux/proc_ns.h). */
const INITIAL_PID_NAMESPACE = 'pid:[4026531836]'

/**
 * Our pid for the probes to ignore, because events about our own opens would cause more opens. 0 (nobody) inside a pid namespace, where our number
 * belongs to another process of the host.
 */
export function ownPid(): number {
  return readlinkSync('/proc/self/ns/pid') === INITIAL_PID_NAMESPACE ? process.pid : 0
}

/** Creates the configured trackers of aggregates and loads their programs; they start with the collector. @throws UsageError for an unknown name */
export function usageTrackersOf({ usage }: Config['collector'], log: Logger): UsageTrackers {
  const { intervalMs, maxEntries, top, pids, containers } = usage
  for (const setting of ['trackers', 'ready'] as const) {
    const unknown = usage[setting].find((name) => !USAGE_TRACKERS.some((tracker) => tracker.name === name))
    if (unknown === undefined) continue
    const names = USAGE_TRACKERS.map(({ name }) => name).join(', ')
    throw new UsageError(`collector.usage.${setting}: unknown tracker of aggregates ${JSON.stringify(unknown)}; known are ${names}`)
  }
  const ignoredPid = ownPid()
  return new UsageTrackers(
    {
      trackers: USAGE_TRACKERS,
      open: (program, entries) => openUsageTables(program, { entries, ignoredPid }),
      settings: { intervalMs, pids: pids.map(Number), containers },
      ...{ maxEntries, top, log, v1HierarchyId: findV1Hierarchy()?.hierarchyId ?? null },
    },
    usage.trackers,
    usage.ready,
  )
}

/** In the order of their lists. */
const USAGE_TRACKERS: readonly UsageTracker[] = [SYSCALL_TRACKER, FILE_TRACKER, TCP_TRACKER, CAPABILITY_TRACKER]
