// Cgroup path -> the container that it names. Pure; the first step of every answer to "who is this", and no proof (container-claim.ts).
import type { ContainerClaim } from './container-claim.js'
import { LAYOUTS, matchNamespace } from './layouts.js'

/**
 * The innermost container that a path names; what lies below a container's own cgroup belongs to it. Null for the host, for monitors
 * (conmon), and for a bare name without a slash.
 * @param path absolute path below the root of its hierarchy, or a relative one with at least one slash
 */
export function parseCgroupPath(path: string): ContainerClaim | null {
  if (!path.includes('/')) return null
  const parts = path.split('/').filter((part) => part !== '')
  for (let index = parts.length - 1; index >= 0; index--) {
    for (const match of LAYOUTS) {
      const found = match(parts, index)
      if (found !== null) return { ...found, cgroupPath: `/${parts.slice(0, index + 1).join('/')}` }
    }
  }
  const found = path.startsWith('/') ? matchNamespace(parts) : null
  return found === null ? null : { ...found, cgroupPath: `/${parts.join('/')}` }
}
