// What the collector knows of mounts: those of the host, read again when they are older than a moment, and those of other mount namespaces,
// read from a process in them. Reading is bounded, so that no process can make the collector read all the time.
import { statSync } from 'node:fs'
import { HOST_MOUNTS, type MountInfo, readMountInfo, TooManyMountsError } from '../../infra/process/mount-info.js'
import { SystemClocks } from '../clock.js'
import { MountTable } from './mount-table.js'

/** Bounds of what is read. */
export interface HostMountsOptions {
  /** Age at which a table is read again. Default 1000 ms. */
  readonly maxAgeMs?: number
  /** Least age at which it is read again after something was mounted. Default 100 ms. */
  readonly minAgeMs?: number
  /** Mount namespace of the host; null when it is not known. */
  readonly hostNamespace?: number | null
  /** Most other namespaces that are remembered. Default 256. */
  readonly maxNamespaces?: number
  /** Most reads of other namespaces between two calls of `refill`. Default 64. */
  readonly reads?: number
  /** Most CPU time of those reads. Default 50 ms. */
  readonly readMs?: number
  /** Most time of those reads, with what they wait. Default 1000 ms. */
  readonly waitMs?: number
  readonly now?: () => number
  /** CPU time of this process: what a read costs does not depend on what else the machine does. */
  readonly cpuNow?: () => number
  /** Microseconds since boot, as records have it. */
  readonly bootNow?: () => number
  readonly read?: (path: string) => MountTable
}

interface ReadTable {
  readonly table: MountTable | null
  readonly atMs: number
  /** How long it is kept at least, for what reading it took. */
  readonly keepMs: number
  /** How many changes of mounts there had been. */
  readonly changes: number
}

/** That of the host. */
interface HostTable extends ReadTable {
  /** Before it was read. */
  readonly bootUs: number
  /** How many changes there had been in any namespace. */
  readonly allChanges: number
}

/** A table is kept for this many times the CPU time that reading it took. */
const AGE_PER_READ = 20
/** And of the time that this took: less, since it may only have waited for the CPU; or for others who mount all the time. */
const AGE_PER_WAIT = 2
/** Least age at which the host's is read again for an overlay that is not in it: a runtime takes longer from the mount to the first program. */
const MIN_MISS_MS = 10

/** Null without the right to see it. */
function hostMountNamespace(): number | null {
  try {
    return statSync('/proc/1/ns/mnt').ino
  } catch {
    return null
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function bootClock(): () => number {
  const clocks = new SystemClocks()
  return () => clocks.bootUs()
}

/** Of the host without the overlays that runtimes mount for containers: a container's files have no other name on the host. */
function readTable(path: string): MountTable {
  const mounts = readMountInfo(path)
  if (path !== HOST_MOUNTS) return new MountTable(mounts, false)
  const isOverlay = ({ fsType, mountPoint }: MountInfo): boolean => fsType === 'overlay' && mountPoint !== '/'
  const overlays = new Set(mounts.filter(isOverlay).map(({ device }) => device))
  return new MountTable(
    mounts.filter((mount) => !isOverlay(mount)),
    true,
    overlays,
  )
}

/** The mounts of the host and of other namespaces. */
export class HostMounts {
  /**
   * `unread`: tables that could not be read, `tooMany`: those that had more mounts than are read, `refused`: reads that were not made at the
   * bound, `evicted`: namespaces forgotten at the bound.
   */
  readonly counters = { reads: 0, unread: 0, tooMany: 0, refused: 0, evicted: 0 }
  readonly #options: Required<HostMountsOptions>
  readonly #others = new Map<number, ReadTable>()
  #host: HostTable = { table: null, atMs: -Infinity, keepMs: 0, changes: 0, bootUs: -Infinity, allChanges: 0 }
  #changes = 0
  #changesOfHost = 0
  #readsLeft: number
  #readMsLeft: number
  #waitMsLeft: number

  constructor({
    maxAgeMs = 1000,
    minAgeMs = 100,
    hostNamespace = hostMountNamespace(),
    maxNamespaces = 256,
    reads = 64,
    readMs = 50,
    waitMs = 1000,
    now = () => performance.now(),
    cpuNow = cpuMs,
    bootNow = bootClock(),
    read = readTable,
  }: HostMountsOptions = {}) {
    this.#options = { maxAgeMs, minAgeMs, hostNamespace, maxNamespaces, reads, readMs, waitMs, now, cpuNow, bootNow, read }
    this.#readsLeft = reads
    this.#readMsLeft = readMs
    this.#waitMsLeft = waitMs
  }

  /** Of the host; the last ones when they can't be read. */
  readonly host = (): MountTable | null => {
    const atMs = this.#options.now()
    if (this.#isOld(this.#host, atMs, this.#changesOfHost)) this.#readHost(atMs)
    return this.#host.table
  }

  /**
   * Whether an overlay was mounted on the host, by a runtime, at an exec. One that is not found may have been mounted a moment ago; one that is
   * found may have been unmounted before the exec, and another one have its number. False when that is not known.
   */
  readonly hasOverlay = (device: number, bootUs: number): boolean => {
    this.host()
    if (this.#isShown(device, bootUs)) return true
    const atMs = this.#options.now()
    if (atMs - this.#host.atMs < Math.max(MIN_MISS_MS, this.#host.keepMs)) return false
    this.#readHost(atMs)
    return this.#isShown(device, bootUs)
  }

  /** Of a namespace, by a process in it. Null when neither it nor one before it could be read. */
  readonly of = (namespace: number, pid: number): MountTable | null => {
    const atMs = this.#options.now()
    const known = this.#others.get(namespace)
    if (known !== undefined && !this.#isOld(known, atMs, this.#changes)) return known.table
    if (this.#readsLeft <= 0 || this.#readMsLeft <= 0 || this.#waitMsLeft <= 0) {
      this.counters.refused++
      return known?.table ?? null
    }
    this.#readsLeft--
    const { tookMs, waitedMs, ...read } = this.#read(`/proc/${String(pid)}/mountinfo`, known?.table ?? null, atMs)
    this.#readMsLeft -= tookMs
    this.#waitMsLeft -= waitedMs
    this.#others.delete(namespace)
    if (this.#others.size >= this.#options.maxNamespaces) this.#evict()
    this.#others.set(namespace, { ...read, changes: this.#changes })
    return read.table
  }

  /** Something was mounted or unmounted: tables are read again when they are needed. @param namespace null when it is not known */
  changed(namespace: number | null): void {
    this.#changes++
    const { hostNamespace } = this.#options
    if (namespace === null || hostNamespace === null || namespace === hostNamespace) this.#changesOfHost++
  }

  /** Allows reads of other namespaces again; called once a second. */
  refill(): void {
    this.#readsLeft = this.#options.reads
    this.#readMsLeft = this.#options.readMs
    this.#waitMsLeft = this.#options.waitMs
  }

  /** By a table that was read after that time, or with no change since. */
  #isShown(device: number, bootUs: number): boolean {
    const { table, bootUs: readUs, allChanges } = this.#host
    return (readUs >= bootUs || allChanges === this.#changes) && table?.overlays.has(device) === true
  }

  #readHost(atMs: number): void {
    const [bootUs, unread, last] = [this.#options.bootNow(), this.counters.unread, this.#host]
    const read = { ...this.#read(HOST_MOUNTS, last.table, atMs), changes: this.#changesOfHost }
    const isRead = this.counters.unread === unread
    this.#host = isRead ? { ...read, bootUs, allChanges: this.#changes } : { ...last, ...read }
  }

  #isOld(known: ReadTable, nowMs: number, changes: number): boolean {
    const { minAgeMs, maxAgeMs } = this.#options
    const ageMs = known.changes === changes ? maxAgeMs : Math.min(minAgeMs, maxAgeMs)
    return nowMs - known.atMs >= Math.max(ageMs, known.keepMs)
  }

  /** @param last what is known when it can't be read; nothing when it has too many mounts: that may have become wrong on purpose */
  #read(
    path: string,
    last: MountTable | null,
    atMs: number,
  ): Omit<ReadTable, 'changes'> & { readonly tookMs: number; readonly waitedMs: number } {
    const { cpuNow, now } = this.#options
    const [startMs, beganMs] = [cpuNow(), now()]
    let table = last
    this.counters.reads++
    try {
      table = this.#options.read(path)
    } catch (error) {
      this.counters.unread++
      if (error instanceof TooManyMountsError) {
        this.counters.tooMany++
        table = null
      }
    }
    const [tookMs, waitedMs] = [cpuNow() - startMs, now() - beganMs]
    return { table, atMs, keepMs: Math.max(AGE_PER_READ * tookMs, AGE_PER_WAIT * waitedMs), tookMs, waitedMs }
  }

  #evict(): void {
    const [oldest] = this.#others.keys()
    if (oldest === undefined) return
    this.#others.delete(oldest)
    this.counters.evicted++
  }
}
