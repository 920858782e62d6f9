// Whose a runtime is, by its socket: root's runtimes are believed before those of users, and a user's only about that user's own cgroups.
import { lstatSync, statSync } from 'node:fs'
import { type CgroupFiles, userOfPath } from './cgroups/cgroup-files.js'
import type { CgroupHierarchy } from './cgroups/cgroup-hierarchies.js'
import type { ContainerRuntime } from './runtime.js'

const ROOT = 0
/** The folder of a session: only its user can create sockets there. */
const USER_FOLDER = /^\/run\/user\/(\d{1,10})\//

/** User whose runtime it is, in the initial user namespace. Of a link to a socket, whoever owns the link, unless that is root. */
export function userOfRuntime({ socketPath }: Pick<ContainerRuntime, 'socketPath'>): number {
  if (socketPath === undefined) return ROOT // reads files of the host
  const ofFolder = USER_FOLDER.exec(socketPath)?.[1]
  if (ofFolder !== undefined) return Number(ofFolder)
  const link = lstatSync(socketPath, { throwIfNoEntry: false })?.uid ?? ROOT
  return link === ROOT ? (statSync(socketPath, { throwIfNoEntry: false })?.uid ?? ROOT) : link
}

/** True for a runtime of the host itself. */
export function isOfRoot(runtime: Pick<ContainerRuntime, 'socketPath'>): boolean {
  return userOfRuntime(runtime) === ROOT
}

/**
 * Whether a runtime may say that the cgroup at this path is a container's: root's only outside of what users control, a user's only in what that
 * user controls. Else a user could take another's container, or name cgroups after it.
 */
export function mayConfirm(
  runtime: Pick<ContainerRuntime, 'socketPath'>,
  hierarchy: CgroupHierarchy,
  path: string,
  files: CgroupFiles,
): boolean {
  return (userOfPath(path) ?? files.creatorAt(hierarchy, path) ?? ROOT) === userOfRuntime(runtime)
}
