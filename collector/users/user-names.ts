// The port where names of users and groups come from: the files of the host, or what a recording may claim. Knows no file.

/** Names of users and groups of the host; `generation` grows when any answer changes. */
export interface AccountNames {
  readonly generation: number
  userName(uid: number): string | null
  groupName(gid: number): string | null
}
