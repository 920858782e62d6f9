// Names of users for a recording: its host's passwd is not here, so only what is the same on every host has a name.
import type { AccountNames } from './user-names.js'

/** Knows root and nobody else. */
export const RECORDED_ACCOUNTS: AccountNames = {
  generation: 1,
  userName: (uid) => (uid === 0 ? 'root' : null),
  groupName: (gid) => (gid === 0 ? 'root' : null),
}
