// LXC as a ContainerRuntime. It has no API: names, starts and ends come from the cgroups below the root, as the file system tells of them.
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { findCgroupHierarchies } from '../cgroups/cgroup-hierarchies.js'
import type { CgroupHierarchy } from '../cgroups/cgroup-hierarchies.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from '../runtime.js'
import { firstProcess, isLxcName, LXC_PARENT, lxcCgroupPaths, lxcNames } from './lxc-cgroups.js'

/** Most containers that are taken from one look at the cgroups. */
const MAX_LISTED = 16_384
const WHOLE_ID = /^[0-9a-f]{64}$/

/** The runtime. */
export class LxcRuntime implements ContainerRuntime {
  readonly name = 'lxc'
  readonly isLocal = true
  readonly counters = {
    /** Containers that a look left out at its bound. */
    listCut: 0,
    /** Folders of cgroups that could not be watched: starts and ends of LXC are not told then. */
    watchesFailed: 0,
  }
  private readonly hierarchies: readonly CgroupHierarchy[]

  /** @param hierarchies default those of this host; only those that show their root count */
  constructor(hierarchies: readonly CgroupHierarchy[] = findCgroupHierarchies()) {
    this.hierarchies = hierarchies.filter(({ rootPath }) => rootPath === '/')
  }

  /** Names of other runtimes are not asked for. */
  mayKnow(containerId: string): boolean {
    return isLxcName(containerId) && !WHOLE_ID.test(containerId)
  }

  async facts(containerId: string): Promise<RuntimeContainer | null> {
    if (!this.mayKnow(containerId)) return null
    for (const { mountPoint } of this.hierarchies) {
      for (const path of lxcCgroupPaths(containerId)) {
        const stats = await stat(join(mountPoint, path)).catch(() => null)
        if (stats?.isDirectory() !== true) continue
        const initPid = await firstProcess(join(mountPoint, path))
        return containerOf(containerId, initPid, Math.round(stats.ctimeMs * 1000))
      }
    }
    return null
  }

  async list(): Promise<readonly string[]> {
    const all = new Set<string>()
    for (const { mountPoint } of this.hierarchies) {
      const { names, cut } = await lxcNames(mountPoint, MAX_LISTED)
      this.counters.listCut += cut
      for (const name of names) if (this.mayKnow(name)) all.add(name)
    }
    return [...all]
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    const watching = new LxcWatch(this.hierarchies, () => this.list(), listener)
    this.counters.watchesFailed += watching.failed
    return watching
  }

  close(): void {
    // Nothing is held.
  }
}

/** Looks again at what runs whenever something is made or removed below the roots. */
class LxcWatch implements RuntimeEvents {
  failed = 0
  private readonly list: () => Promise<readonly string[]>
  private readonly listener: (event: RuntimeEvent) => void
  private readonly watchers: FSWatcher[] = []
  private running: ReadonlySet<string> | null = null
  private isAgain = false
  private look: Promise<void> | null = null
  private isStopped = false

  constructor(hierarchies: readonly CgroupHierarchy[], list: () => Promise<readonly string[]>, listener: (event: RuntimeEvent) => void) {
    this.list = list
    this.listener = listener
    for (const { mountPoint } of hierarchies) {
      this.watch(mountPoint)
      this.watch(join(mountPoint, LXC_PARENT), true)
    }
    this.changed()
  }

  async stop(): Promise<void> {
    this.isStopped = true
    for (const watcher of this.watchers) watcher.close()
    await this.look
  }

  private watch(folder: string, mayBeAbsent = false): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // Its own parent may come later than we did.
        if (name === LXC_PARENT && !mayBeAbsent) this.watch(join(folder, LXC_PARENT), true)
        if (mayBeAbsent || name === LXC_PARENT || name?.startsWith('lxc.') === true) this.changed()
      })
      watcher.on('error', () => watcher.close())
      this.watchers.push(watcher)
    } catch {
      if (!mayBeAbsent) this.failed++
    }
  }

  private changed(): void {
    this.isAgain = true
    this.look ??= this.compare().finally(() => {
      this.look = null
    })
  }

  private async compare(): Promise<void> {
    while (this.isAgain && !this.isStopped) {
      this.isAgain = false
      const now = new Set(await this.list())
      if (this.stoppedMeanwhile()) return
      const before = this.running
      this.running = now
      // The first look is the one that the listener compares with by itself.
      if (before === null) this.listener({ type: 'connected' })
      else this.tell(before, now)
    }
  }

  private stoppedMeanwhile(): boolean {
    return this.isStopped
  }

  private tell(before: ReadonlySet<string>, now: ReadonlySet<string>): void {
    for (const containerId of before) {
      if (now.has(containerId)) continue
      this.listener({ type: 'stopped', containerId, exitCode: null })
      this.listener({ type: 'removed', containerId })
    }
    for (const containerId of now) {
      if (!before.has(containerId)) this.listener({ type: 'started', containerId, cgroupPaths: lxcCgroupPaths(containerId) })
    }
  }
}

function containerOf(name: string, initPid: number | null, createdAtUs: number): RuntimeContainer {
  const image = { image: '', imageRepository: null, imageTag: null, imageId: null, imageDigest: null }
  return {
    containerId: name,
    facts: { name, ...image, labels: {}, isPrivileged: false, mounts: [], createdAtUs, pod: null },
    cgroupPaths: lxcCgroupPaths(name),
    initPid,
    exitCode: null,
    isOomKilled: false,
  }
}
