// struct cgroup_event of bpf/record/event.h: KIND_CGROUP_MKDIR and KIND_CGROUP_RMDIR. header.cgroup_id is the cgroup's.
import { EVENT_HEADER_BYTES } from './event-header.js'

/** Offsets within struct cgroup_event. */
export const CGROUP_EVENT = { hierarchyId: 72, level: 76, pathLength: 80, textFlags: 84 } as const

/** sizeof(struct cgroup_event). */
export const CGROUP_EVENT_BYTES = EVENT_HEADER_BYTES + 16

/** The cgroup of the record that was read last. */
export class CgroupRecord {
  hierarchyId = 0
  pathStart = 0
  pathEnd = 0
  textFlags = 0

  /** Reads the record at `at`. @returns false when it is malformed */
  read(view: DataView, at: number, length: number): boolean {
    if (length < CGROUP_EVENT_BYTES) return false
    this.hierarchyId = view.getUint32(at + CGROUP_EVENT.hierarchyId, true)
    this.pathStart = at + CGROUP_EVENT_BYTES
    this.pathEnd = this.pathStart + view.getUint32(at + CGROUP_EVENT.pathLength, true)
    this.textFlags = view.getUint32(at + CGROUP_EVENT.textFlags, true)
    return this.pathEnd <= at + length
  }
}
