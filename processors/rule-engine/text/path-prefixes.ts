// The operator `pmatch`: a path is one of several paths or lies below one, compared by whole components, each of which may be a glob.
// `/opt/dir` takes `/opt/dir/file` and not `/opt/dir2`; empty components count for nothing; a backslash escapes only beside `*`, `?` or `[`. The paths are one tree of components, so that a path is
// walked once however many there are.
import { compileGlob } from '../../../infra/text/glob.js'

interface Branch {
  /** A path ends here: it and all below it match. */
  isEnd: boolean
  readonly plain: Map<string, Branch>
  readonly globs: { readonly pattern: string; readonly matches: (component: string) => boolean; readonly branch: Branch }[]
}

const hasGlob = (component: string): boolean => /[*?[]/.test(component)
const emptyBranch = (): Branch => ({ isEnd: false, plain: new Map(), globs: [] })

/** A matcher of the paths (byte text). The root takes every path, and so does a path without components. */
export function compilePathPrefixes(paths: readonly string[]): (path: string) => boolean {
  const root = emptyBranch()
  for (const path of paths) addPath(root, path)
  return (path) => isBelow(root, path, 0)
}

function addPath(root: Branch, path: string): void {
  let branch = root
  for (const component of path.split('/')) if (component !== '') branch = branchOf(branch, component)
  branch.isEnd = true
}

function branchOf(parent: Branch, component: string): Branch {
  if (hasGlob(component)) {
    const known = parent.globs.find(({ pattern }) => pattern === component)
    if (known !== undefined) return known.branch
    const branch = emptyBranch()
    parent.globs.push({ pattern: component, matches: compileGlob(component), branch })
    return branch
  }
  const branch = parent.plain.get(component) ?? emptyBranch()
  parent.plain.set(component, branch)
  return branch
}

function isBelow(branch: Branch, path: string, from: number): boolean {
  if (branch.isEnd) return true
  let start = from
  while (path.charCodeAt(start) === SLASH) start++
  if (start >= path.length || (branch.plain.size === 0 && branch.globs.length === 0)) return false
  const slash = path.indexOf('/', start)
  const end = slash < 0 ? path.length : slash
  const component = path.slice(start, end)
  const next = branch.plain.get(component)
  if (next !== undefined && isBelow(next, path, end)) return true
  return branch.globs.some((glob) => glob.matches(component) && isBelow(glob.branch, path, end))
}

const SLASH = 0x2f
