// What the collector knows of mounts: those of the host, read again when they are older than a moment, and those of other mount namespaces,
// read from a process in them. Reading is bounded, so that no process can make the collector read all the time.
import { HOST_MOUNTS, readMountInfo } from '../../infra/process/mount-info.js'
import { MountTable } from './mount-table.js'

/** Bounds of what is read. */
export interface HostMountsOptions {
  /** Age at which a table is read again. Default 1000 ms. */
  readonly maxAgeMs?: number
  /** Most other namespaces that are remembered. Default 256. */
  readonly maxNamespaces?: number
  /** Most reads of other namespaces between two calls of `refill`. Default 64. */
  readonly reads?: number
  readonly now?: () => number
  readonly read?: (path: string) => MountTable
}

interface ReadTable {
  readonly table: MountTable | null
  readonly atMs: number
}

/** Of the host without the overlays that runtimes mount for containers: a container's files have no other name on the host. */
function readTable(path: string): MountTable {
  const mounts = readMountInfo(path)
  return new MountTable(
    path === HOST_MOUNTS ? mounts.filter(({ fsType, mountPoint }) => fsType !== 'overlay' || mountPoint === '/') : mounts,
  )
}

/** The mounts of the host and of other namespaces. */
export class HostMounts {
  /** `unread`: tables that could not be read, `refused`: reads that were not made at the bound, `evicted`: namespaces forgotten at the bound. */
  readonly counters = { reads: 0, unread: 0, refused: 0, evicted: 0 }
  readonly #options: Required<HostMountsOptions>
  readonly #others = new Map<number, ReadTable>()
  #host: ReadTable = { table: null, atMs: -Infinity }
  #readsLeft: number

  constructor({
    maxAgeMs = 1000,
    maxNamespaces = 256,
    reads = 64,
    now = () => performance.now(),
    read = readTable,
  }: HostMountsOptions = {}) {
    this.#options = { maxAgeMs, maxNamespaces, reads, now, read }
    this.#readsLeft = reads
  }

  /** Of the host; the last ones when they can't be read. */
  readonly host = (): MountTable | null => {
    const atMs = this.#options.now()
    if (atMs - this.#host.atMs >= this.#options.maxAgeMs) this.#host = { table: this.#read(HOST_MOUNTS) ?? this.#host.table, atMs }
    return this.#host.table
  }

  /** Of a namespace, by a process in it. Null when neither it nor one before it could be read. */
  readonly of = (namespace: number, pid: number): MountTable | null => {
    const atMs = this.#options.now()
    const known = this.#others.get(namespace)
    if (known !== undefined && atMs - known.atMs < this.#options.maxAgeMs) return known.table
    if (this.#readsLeft <= 0) {
      this.counters.refused++
      return known?.table ?? null
    }
    this.#readsLeft--
    const table = this.#read(`/proc/${String(pid)}/mountinfo`) ?? known?.table ?? null
    this.#others.delete(namespace)
    if (this.#others.size >= this.#options.maxNamespaces) this.#evict()
    this.#others.set(namespace, { table, atMs })
    return table
  }

  /** Something was mounted or unmounted: all tables are read again when they are needed. */
  changed(): void {
    this.#host = { ...this.#host, atMs: -Infinity }
    for (const [namespace, { table }] of this.#others) this.#others.set(namespace, { table, atMs: -Infinity })
  }

  /** Allows reads of other namespaces again; called once a second. */
  refill(): void {
    this.#readsLeft = this.#options.reads
  }

  #read(path: string): MountTable | null {
    try {
      this.counters.reads++
      return this.#options.read(path)
    } catch {
      this.counters.unread++
      return null
    }
  }

  #evict(): void {
    const [oldest] = this.#others.keys()
    if (oldest === undefined) return
    this.#others.delete(oldest)
    this.counters.evicted++
  }
}
