// One line of /proc/PID/cgroup: hierarchy, controllers, path. Path and names are from whoever made the cgroup.

/** A process's place in one hierarchy. */
export interface CgroupLine {
  /** 0 for the v2 hierarchy. */
  readonly hierarchyId: number
  /** v1 controllers or `name=...`; empty for v2. */
  readonly controllers: string
  /** Below the root of the reader's cgroup namespace; may climb with `/..` (see resolveNamespacePath). */
  readonly path: string
  /** The cgroup was removed while the process (a zombie) is still in it; told by the kernel for v2 only. */
  readonly isDeleted: boolean
}

const LINE = /^(\d{1,9}):([^:/]*):(\/.*)$/s
const DELETED = ' (deleted)'

/** Takes a line apart; null for anything else. */
export function parseCgroupLine(line: string): CgroupLine | null {
  const found = LINE.exec(line)
  if (found?.[1] === undefined || found[2] === undefined || found[3] === undefined) return null
  const isDeleted = found[1] === '0' && found[3].endsWith(DELETED)
  return {
    hierarchyId: Number(found[1]),
    controllers: found[2],
    path: isDeleted ? found[3].slice(0, -DELETED.length) : found[3],
    isDeleted,
  }
}

/** The path of a whole line, or the text itself when it is a path already. */
export function pathOfLineOrPath(text: string): string {
  return parseCgroupLine(text)?.path ?? text
}
