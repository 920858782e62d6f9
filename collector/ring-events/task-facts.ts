// struct task_facts and struct namespace_facts of bpf/record/event.h: what fork, exec and the task iterator tell of a process besides the header.
// Kept by the process table for the life of the process, so each reading makes an object.
import { copyBytes } from './copy-bytes.js'
import { low52BitsAt, microsecondsAt, signedMicrosecondsAt } from './event-header.js'

/** Offsets within struct task_facts. */
export const TASK_FACTS = {
  parentStartBootNs: 0,
  capEffective: 8,
  capPermitted: 16,
  capInheritable: 24,
  exeInode: 32,
  exeCtimeNs: 40,
  exeMtimeNs: 48,
  exeDevice: 56,
  exeFlags: 60,
  parentPid: 64,
  loginUid: 68,
  sessionId: 72,
  processGroupId: 76,
  namespacePid: 80,
  namespaceProcessGroupId: 84,
  tty: 88,
  makerPid: 92,
  comm: 96,
  parentComm: 112,
} as const

/** sizeof(struct task_facts). */
export const TASK_FACTS_BYTES = 128

/** Offsets within struct namespace_facts. */
export const NAMESPACE_FACTS = {
  pidStartBootNs: 0,
  mount: 8,
  pid: 12,
  network: 16,
  user: 20,
  uts: 24,
  ipc: 28,
  cgroup: 32,
  parentNamespacePid: 36,
} as const

/** sizeof(struct namespace_facts). */
export const NAMESPACE_FACTS_BYTES = 40

/** COMM_BYTES. */
export const COMM_BYTES = 16

/** enum exe_flags. */
export const EXE_UPPER_LAYER = 1
export const EXE_MEMFD = 2
export const EXE_LOCAL = 4

/** UNSET_ID: no login user. */
export const UNSET_ID = 0xffffffff

const NO_COMMS = new Uint8Array(2 * COMM_BYTES)
const NO_NAMESPACES = new Uint8Array(NAMESPACE_FACTS_BYTES)

/** Facts of one process at one moment. Times since boot and of files in microseconds. */
export class TaskFacts {
  parentStartUs = 0
  capEffective = 0
  capPermitted = 0
  capInheritable = 0
  exeInodeLow = 0
  exeInodeHigh = 0
  exeCtimeUs = 0
  exeMtimeUs = 0
  exeDevice = 0
  exeFlags = 0
  parentPid = 0
  loginUid = UNSET_ID
  sessionId = 0
  processGroupId = 0
  namespacePid = 0
  namespaceProcessGroupId = 0
  tty = 0
  /** Of a fork: the process that made it, its parent but for CLONE_PARENT; else 0. */
  makerPid = 0
  /** Command name of the process and that of its parent, COMM_BYTES each and NUL-padded: one array, because each is an object of its own. */
  comms: Uint8Array = NO_COMMS
  /** struct namespace_facts as it is: most events tell of it what an earlier one told. All 0 when not known. */
  namespaces: Uint8Array = NO_NAMESPACES

  /** Facts of a process of which nothing is known yet. */
  static readonly unknown: TaskFacts = new TaskFacts()

  /** Reads the facts at `at` and those of its namespaces, which the caller knows to lie within `bytes`. */
  static read(bytes: Uint8Array, view: DataView, at: number, namespacesAt: number): TaskFacts {
    const facts = new TaskFacts()
    facts.parentStartUs = microsecondsAt(view, at + TASK_FACTS.parentStartBootNs)
    facts.capEffective = low52BitsAt(view, at + TASK_FACTS.capEffective)
    facts.capPermitted = low52BitsAt(view, at + TASK_FACTS.capPermitted)
    facts.capInheritable = low52BitsAt(view, at + TASK_FACTS.capInheritable)
    facts.exeInodeLow = view.getUint32(at + TASK_FACTS.exeInode, true)
    facts.exeInodeHigh = view.getUint32(at + TASK_FACTS.exeInode + 4, true)
    facts.exeCtimeUs = signedMicrosecondsAt(view, at + TASK_FACTS.exeCtimeNs)
    facts.exeMtimeUs = signedMicrosecondsAt(view, at + TASK_FACTS.exeMtimeNs)
    facts.exeDevice = view.getUint32(at + TASK_FACTS.exeDevice, true)
    facts.exeFlags = view.getUint32(at + TASK_FACTS.exeFlags, true)
    facts.parentPid = view.getInt32(at + TASK_FACTS.parentPid, true)
    facts.loginUid = view.getUint32(at + TASK_FACTS.loginUid, true)
    facts.sessionId = view.getInt32(at + TASK_FACTS.sessionId, true)
    facts.processGroupId = view.getInt32(at + TASK_FACTS.processGroupId, true)
    facts.namespacePid = view.getInt32(at + TASK_FACTS.namespacePid, true)
    facts.namespaceProcessGroupId = view.getInt32(at + TASK_FACTS.namespaceProcessGroupId, true)
    facts.tty = view.getInt32(at + TASK_FACTS.tty, true)
    facts.makerPid = view.getInt32(at + TASK_FACTS.makerPid, true)
    facts.comms = copyBytes(bytes, at + TASK_FACTS.comm, at + TASK_FACTS.comm + 2 * COMM_BYTES)
    facts.namespaces = copyBytes(bytes, namespacesAt, namespacesAt + NAMESPACE_FACTS_BYTES)
    return facts
  }

  /** End of the command name in `comms`, where it begins at 0. */
  get commEnd(): number {
    return commEnd(this.comms, 0)
  }

  /** Name of the parent, as bytes of its own. */
  parentComm(): Uint8Array {
    return copyBytes(this.comms, COMM_BYTES, commEnd(this.comms, COMM_BYTES))
  }

  /** The first process of its pid namespace, which is not the one that its parent is in. */
  get isFirstOfNamespace(): boolean {
    return this.namespacePid === 1 && this.parentPid !== 0
  }

  /** Has an executable file; kernel threads have none. */
  get hasExecutable(): boolean {
    return this.exeInodeLow !== 0 || this.exeInodeHigh !== 0
  }
}

/** Where a name ends that begins at `at` and has at most COMM_BYTES. */
function commEnd(bytes: Uint8Array, at: number): number {
  let end = at
  while (end < at + COMM_BYTES && bytes[end] !== 0) end++
  return end
}
