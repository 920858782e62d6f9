// The port where names of users and groups come from: the files of the host, or what a recording may claim. Knows no file.

/** Names of users and groups of the host; `generation` grows when any answer changes. */
export interface UserNames {
  readonly generation: number
  userName(uid: number): string | null
  groupName(gid: number): string | null
}

/** Knows root and nobody else. */
export const RECORDED_USERS: UserNames = {
  generation: 1,
  userName: (uid) => (uid === 0 ? 'root' : null),
  groupName: (gid) => (gid === 0 ? 'root' : null),
}
