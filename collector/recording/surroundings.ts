// Everything the collector reads from the host apart from the rings: clocks, user names, cgroup memberships, hashes of executables, mounts and files,
// and processes without a record.
// A recording stores these answers with the ring records, and a replay returns them again.
import type { HostUsers } from '../users/user-names.js'
import type { BootClock } from '../clock.js'
import type { ContainerIndex } from '../containers/container-index.js'
import type { ExecutableHashes } from '../executables/executable-hashes.js'
import type { HostKnowledge } from '../mounts/host-paths.js'
import type { ProcReader } from '../processes/proc-reader.js'

/** The sources of event data that is not in the ring record. */
export interface Surroundings {
  readonly clock: BootClock
  readonly users: HostUsers
  readonly containers: ContainerIndex
  readonly hashes: ExecutableHashes
  /** The files and mounts of the host. */
  readonly host: HostKnowledge
  /** Null when /proc does not belong to the records. */
  readonly readProc: ProcReader | null
}

/** The origin of the events: a replay uses it to produce the same ids. */
export interface RecordedIdentity {
  readonly hostId: string
  /** Creation of the kernel's sequence counters, Unix time in microseconds. */
  readonly epochUs: number
  /** Start of the collector that reported the running processes, Unix time in microseconds. */
  readonly startedAtUs: number
}
