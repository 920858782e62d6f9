// The port for names of users and groups, implemented by the host's files, or for recordings by a fixed table. Knows no file.

/** Names of users and groups of the host; `generation` grows when any answer changes. */
export interface UserNames {
  readonly generation: number
  userName(uid: number): string | null
  groupName(gid: number): string | null
}

/** Those of a host, whose files change; and of how many entries they were too long. */
export interface HostUsers extends UserNames {
  refresh?(): void
  readonly skipped?: number
}

/** Knows only root. */
export const RECORDED_USERS: UserNames = {
  generation: 1,
  userName: (uid) => (uid === 0 ? 'root' : null),
  groupName: (gid) => (gid === 0 ? 'root' : null),
}
