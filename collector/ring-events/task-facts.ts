// struct task_facts and struct namespace_facts of bpf/record/event.h: what fork, exec and the task iterator report of a process.
// The process table stores them for the life of the process, so each read creates an object.
import { COMM_BYTES, NAMESPACE_FACTS, TASK_FACTS, UNSET_ID } from '../../native/generated/layout.js'
import { low52BitsAt, microsecondsAt, signedMicrosecondsAt } from './event-header.js'
import type { KeptBytes } from './kept-bytes.js'
import { copyBytes } from './record-texts.js'

const NO_COMMS = new Uint8Array(2 * COMM_BYTES)
const NO_NAMESPACES = new Uint8Array(NAMESPACE_FACTS.bytes)

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
  /** Bits of enum exe_flags; 0 if nothing is known. */
  exeFlags = 0
  exeUid = 0
  exeGid = 0
  /** i_mode */
  exeMode = 0
  /** Low 32 bits of the executable's size; 0 in captures of older versions. */
  exeSize = 0
  parentPid = 0
  loginUid = UNSET_ID
  sessionId = 0
  processGroupId = 0
  namespacePid = 0
  namespaceProcessGroupId = 0
  tty = 0
  /** For a fork: the forking process, which is its parent except with CLONE_PARENT; else 0. */
  makerPid = 0
  /** Command names of the process and its parent, COMM_BYTES each and NUL-padded: in one array, to save an object. */
  comms: Uint8Array = NO_COMMS
  /** Raw struct namespace_facts: most equal those of an earlier event. All 0 if unknown. */
  namespaces: Uint8Array = NO_NAMESPACES

  /** Facts of an unknown process. */
  static readonly unknown: TaskFacts = new TaskFacts()

  /** Reads the facts at `at` and those of its namespaces; the caller guarantees that they are within `bytes`. @param kept shares what many have */
  static read(bytes: Uint8Array, view: DataView, at: number, namespacesAt: number, kept: KeptBytes): TaskFacts {
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
    facts.exeFlags = view.getInt32(at + TASK_FACTS.exeFlags, true)
    facts.exeUid = view.getUint32(at + TASK_FACTS.exeUid, true)
    facts.exeGid = view.getUint32(at + TASK_FACTS.exeGid, true)
    facts.exeMode = view.getUint16(at + TASK_FACTS.exeMode, true)
    facts.exeSize = view.getUint32(at + TASK_FACTS.exeSize, true)
    facts.parentPid = view.getInt32(at + TASK_FACTS.parentPid, true)
    facts.loginUid = view.getUint32(at + TASK_FACTS.loginUid, true)
    facts.sessionId = view.getInt32(at + TASK_FACTS.sessionId, true)
    facts.processGroupId = view.getInt32(at + TASK_FACTS.processGroupId, true)
    facts.namespacePid = view.getInt32(at + TASK_FACTS.namespacePid, true)
    facts.namespaceProcessGroupId = view.getInt32(at + TASK_FACTS.namespaceProcessGroupId, true)
    facts.tty = view.getInt32(at + TASK_FACTS.tty, true)
    facts.makerPid = view.getInt32(at + TASK_FACTS.makerPid, true)
    facts.comms = kept.of(bytes, at + TASK_FACTS.comm, at + TASK_FACTS.comm + 2 * COMM_BYTES)
    facts.namespaces = kept.of(bytes, namespacesAt, namespacesAt + NAMESPACE_FACTS.bytes)
    return facts
  }

  /** End of the command name in `comms`, where it begins at 0. */
  get commEnd(): number {
    return commEnd(this.comms, 0)
  }

  /** A copy of the parent's name. */
  parentComm(): Uint8Array {
    return copyBytes(this.comms, COMM_BYTES, commEnd(this.comms, COMM_BYTES))
  }

  /** The first process of its pid namespace, which differs from its parent's. */
  get isFirstOfNamespace(): boolean {
    return this.namespacePid === 1 && this.parentPid !== 0
  }

  /** It has an executable file; kernel threads have none. */
  get hasExecutable(): boolean {
    return this.exeInodeLow !== 0 || this.exeInodeHigh !== 0
  }
}

/** End of a name that begins at `at` and has at most COMM_BYTES. */
function commEnd(bytes: Uint8Array, at: number): number {
  let end = at
  while (end < at + COMM_BYTES && bytes[end] !== 0) end++
  return end
}
