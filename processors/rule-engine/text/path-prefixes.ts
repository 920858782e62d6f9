// The operator `pmatch`: a path is one of several paths or lies below one, compared by whole components, each of which may be a glob.
// `/opt/dir` takes `/opt/dir/file` and not `/opt/dir2`; empty components count for nothing.
import { compileGlob } from './glob.js'

type ComponentMatcher = (component: string) => boolean

const components = (path: string): string[] => path.split('/').filter((component) => component !== '')
const hasGlob = (component: string): boolean => /[*?[\\]/.test(component)

/** A matcher of the paths (byte text). The root takes every path. */
export function compilePathPrefixes(paths: readonly string[]): (path: string) => boolean {
  const prefixes = paths.filter((path) => path !== '').map((path) => components(path).map(componentMatcher))
  return (path) => {
    const parts = components(path)
    return prefixes.some((prefix) => prefix.length <= parts.length && prefix.every((matches, index) => matches(parts[index] ?? '')))
  }
}

function componentMatcher(component: string): ComponentMatcher {
  return hasGlob(component) ? compileGlob(component) : (text) => text === component
}
