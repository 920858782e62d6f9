// Check of the tree: no file imports itself over others, types included. Lint's no-cycle does not look at imports of types, and two files that
// need each other's types are one concept in two files.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../infra/process/package-root.js'

const FOLDERS = ['infra', 'schemas', 'native', 'collector', 'processors', 'assembly', 'cli', 'test']

/** File -> the files of ours that it imports, statically or not, values or types. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** The files that a source imports by a relative path. */
export function importsOf(file: string, source: string): string[] {
  return [...source.matchAll(/(?:\bfrom |\bimport\(|^import )'(\.[^']+)'/gm)].map(([, path]) =>
    normalize(join(dirname(file), path ?? '')).replace(/\.js$/, '.ts'),
  )
}

/** One circle for each file that closes one, as the way around it. */
export function circlesIn(graph: ImportGraph): string[][] {
  const circles: string[][] = []
  const finished = new Set<string>()
  const way: string[] = []
  const visit = (file: string): void => {
    const at = way.indexOf(file)
    if (at >= 0) circles.push([...way.slice(at), file])
    if (at >= 0 || finished.has(file)) return
    way.push(file)
    for (const imported of graph.get(file) ?? []) visit(imported)
    way.pop()
    finished.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return circles
}

function graphOf(root: string): ImportGraph {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => join(folder, name)),
  )
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(join(root, file), 'utf8'))]))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const circles = circlesIn(graphOf(packageRoot()))
  for (const circle of circles) console.error(circle.join(' -> '))
  process.exitCode = circles.length === 0 ? 0 : 1
}
