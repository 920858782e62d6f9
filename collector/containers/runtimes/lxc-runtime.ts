// LXC as a ContainerRuntime. It has no API: names, starts and ends are read from the cgroups below the root.
import { watch, type FSWatcher } from 'node:fs'
import { stat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findCgroupHierarchies, type CgroupHierarchy } from '../cgroups/cgroup-hierarchies.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from '../runtime.js'
import { MAX_PID } from '../facts/json-fields.js'

/** Most containers read from one listing of the cgroups. */
const MAX_LISTED = 16_384
const WHOLE_ID = /^[0-9a-f]{64}$/

/** The runtime. */
export class LxcRuntime implements ContainerRuntime {
  readonly name = 'lxc'
  readonly isLocal = true
  readonly counters = {
    /** Containers that a listing left out at its bound. */
    listCut: 0,
    /** Cgroup folders that could not be watched: starts and ends of their LXC containers are not reported. */
    watchesFailed: 0,
  }
  readonly #hierarchies: readonly CgroupHierarchy[]

  /** @param hierarchies default those of this host; only those mounted at their root are used */
  constructor(hierarchies: readonly CgroupHierarchy[] = findCgroupHierarchies()) {
    this.#hierarchies = hierarchies.filter(({ rootPath }) => rootPath === '/')
  }

  /** Ids of other runtimes are excluded. */
  mayKnow(containerId: string): boolean {
    return isLxcName(containerId) && !WHOLE_ID.test(containerId)
  }

  async facts(containerId: string): Promise<RuntimeContainer | null> {
    if (!this.mayKnow(containerId)) return null
    for (const { mountPoint } of this.#hierarchies) {
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
    for (const { mountPoint } of this.#hierarchies) {
      const { names, cut } = await lxcNames(mountPoint, MAX_LISTED)
      this.counters.listCut += cut
      for (const name of names) if (this.mayKnow(name)) all.add(name)
    }
    return [...all]
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    const watching = new LxcWatch(this.#hierarchies, () => this.list(), listener)
    this.counters.watchesFailed += watching.failed
    return watching
  }

  close(): void {
    // Nothing to close.
  }
}

/** Lists the running containers again whenever something is created or removed below the roots. */
class LxcWatch implements RuntimeEvents {
  failed = 0
  readonly #list: () => Promise<readonly string[]>
  readonly #listener: (event: RuntimeEvent) => void
  readonly #watchers: FSWatcher[] = []
  #running: ReadonlySet<string> | null = null
  #hasChanged = false
  #comparison: Promise<void> | null = null
  #isStopped = false

  constructor(hierarchies: readonly CgroupHierarchy[], list: () => Promise<readonly string[]>, listener: (event: RuntimeEvent) => void) {
    this.#list = list
    this.#listener = listener
    for (const { mountPoint } of hierarchies) {
      this.#watch(mountPoint)
      this.#watch(join(mountPoint, LXC_PARENT), true)
    }
    this.#changed()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const watcher of this.#watchers) watcher.close()
    await this.#comparison
  }

  #watch(folder: string, mayBeAbsent = false): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        // The parent of older layouts may be created later.
        if (name === LXC_PARENT && !mayBeAbsent) this.#watch(join(folder, LXC_PARENT), true)
        if (mayBeAbsent || name === LXC_PARENT || name?.startsWith('lxc.') === true) this.#changed()
      })
      watcher.on('error', () => watcher.close())
      this.#watchers.push(watcher)
    } catch {
      if (!mayBeAbsent) this.failed++
    }
  }

  #changed(): void {
    this.#hasChanged = true
    this.#comparison ??= this.#compare().finally(() => {
      this.#comparison = null
    })
  }

  async #compare(): Promise<void> {
    while (this.#hasChanged && !this.#isStopped) {
      this.#hasChanged = false
      const now = new Set(await this.#list())
      if (this.#stoppedMeanwhile()) return
      const before = this.#running
      this.#running = now
      // The listener lists the containers itself when connected.
      if (before === null) this.#listener({ type: 'connected' })
      else this.#report(before, now)
    }
  }

  #stoppedMeanwhile(): boolean {
    return this.#isStopped
  }

  #report(before: ReadonlySet<string>, now: ReadonlySet<string>): void {
    for (const containerId of before) {
      if (now.has(containerId)) continue
      this.#listener({ type: 'stopped', containerId, exitCode: null })
      this.#listener({ type: 'removed', containerId })
    }
    for (const containerId of now) {
      if (!before.has(containerId)) this.#listener({ type: 'started', containerId, cgroupPaths: lxcCgroupPaths(containerId) })
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

/** Prefix of a payload's cgroup. */
const PAYLOAD_PREFIX = 'lxc.payload.'
/** Parent of payloads in older layouts. */
const LXC_PARENT = 'lxc'

const MAX_FOLDERS = 64
const MAX_PIDS = 512

/** Whether LXC accepts this as a container name. */
function isLxcName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && Buffer.byteLength(name) <= 255
}

/** Paths that a container's own cgroup may have. */
function lxcCgroupPaths(name: string): readonly string[] {
  return name.startsWith('lxc.') ? [`/${PAYLOAD_PREFIX}${name}`] : [`/${PAYLOAD_PREFIX}${name}`, `/${LXC_PARENT}/${name}`]
}

/** Names of the containers below the root of a hierarchy, at most `max`; an empty list when it can't be read. */
async function lxcNames(mountPoint: string, max: number): Promise<{ readonly names: readonly string[]; readonly cut: number }> {
  const payloads = (await folders(mountPoint)).filter((name) => name.startsWith(PAYLOAD_PREFIX))
  const children = (await folders(join(mountPoint, LXC_PARENT))).filter((name) => !name.startsWith('lxc.'))
  const names = [...payloads.map((name) => name.slice(PAYLOAD_PREFIX.length)).filter((name) => name !== ''), ...children]
  return { names: names.slice(0, max), cut: Math.max(0, names.length - max) }
}

/** The first process in or below a cgroup, in the host namespace: pid 1 of a pid namespace, else the lowest pid; null for none. */
async function firstProcess(folder: string): Promise<number | null> {
  const waiting = [folder]
  let lowest: number | null = null
  let checked = 0
  for (let count = 0; count < MAX_FOLDERS; count++) {
    const next = waiting.shift()
    if (next === undefined) break
    for (const pid of await pidsIn(next)) {
      if (checked++ >= MAX_PIDS) return lowest
      if (await isInit(pid)) return pid
      lowest = Math.min(lowest ?? pid, pid)
    }
    for (const name of await folders(next)) waiting.push(join(next, name))
  }
  return lowest
}

async function folders(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

async function pidsIn(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0 && pid <= MAX_PID)
}

async function isInit(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '')
  return /^NSpid:\t\d+(?:\t\d+)*\t1$/m.test(status)
}
