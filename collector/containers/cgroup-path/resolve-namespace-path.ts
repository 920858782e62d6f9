// Paths as a cgroup namespace shows them -> absolute ones. A reader in a namespace sees what lies outside of its root as `/../../x`.

/**
 * Makes `path` absolute, as seen from a namespace rooted at `prefixPath`.
 * A slash at the end of the prefix counts as one (empty) part more, as libscap counts; the kernel writes none.
 * @returns null when the path climbs above the root of the hierarchy, or climbs anywhere but at its start
 */
export function resolveNamespacePath(prefixPath: string, path: string): string | null {
  const prefix = prefixPath === '' || prefixPath === '/' ? [] : prefixPath.replace(/^\//, '').split('/')
  const parts = path.split('/').filter((part) => part !== '')
  let climbs = 0
  while (parts[climbs] === '..') climbs++
  const rest = parts.slice(climbs)
  if (climbs > prefix.length || rest.includes('..')) return null
  return `/${[...prefix.slice(0, prefix.length - climbs), ...rest].filter((part) => part !== '').join('/')}`
}
