// What the collector asks of the host besides the rings, in one place: clocks, names of users, who is in which cgroup, hashes of executables, a process that no record told of.
// A recording writes these answers down beside the rings, and a replay gives them again.
import type { UserNames } from '../users/user-names.js'
import type { BootClock } from '../clock.js'
import type { ContainerIndex } from '../containers/container-index.js'
import type { ExecutableHashes } from '../executables/executable-hashes.js'
import type { ProcReader } from '../processes/proc-reader.js'

/** Everything that makes an event and is not in its record. */
export interface Surroundings {
  readonly clock: BootClock
  readonly users: UserNames & { refresh?(): void }
  readonly containers: ContainerIndex
  readonly hashes: ExecutableHashes
  /** Null where /proc is not that of the records. */
  readonly readProc: ProcReader | null
}

/** Whose events they are: with it a replay gives them the ids that they had. */
export interface RecordedIdentity {
  readonly hostId: string
  /** Creation of the kernel's sequence counters, Unix time in microseconds. */
  readonly epochUs: number
  /** Start of the collector that told of the processes that ran already, Unix time in microseconds. */
  readonly startedAtUs: number
}
