// Check of the tree: no file imports itself through others, types included (lint's no-cycle ignores imports of types), and no folder of sources
// imports itself through its siblings. Files or folders that need each other are one concept that was divided.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../../../infra/process/package-root.js'

const FOLDERS = ['infra', 'schemas', 'native', 'collector', 'processors', 'assembly', 'cli', 'test']

/** File -> the files of the tree that it imports, statically or not, values or types. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>

/** The files that a source imports by a relative path. */
export function importsOf(file: string, source: string): string[] {
  return [...source.matchAll(/(?:\bfrom |\bimport\(|^import )'(\.[^']+)'/gm)].map(([, path]) =>
    normalize(join(dirname(file), path ?? '')).replace(/\.js$/, '.ts'),
  )
}

/** One circle for each file that closes one, as the path around it. */
export function circlesIn(graph: ImportGraph): string[][] {
  const circles: string[][] = []
  const finished = new Set<string>()
  const path: string[] = []
  const visit = (file: string): void => {
    const at = path.indexOf(file)
    if (at >= 0) circles.push([...path.slice(at), file])
    if (at >= 0 || finished.has(file)) return
    path.push(file)
    for (const imported of graph.get(file) ?? []) visit(imported)
    path.pop()
    finished.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return circles
}

/** An import between two folders of the same parent. */
interface FolderImport {
  readonly from: string
  readonly to: string
  /** The files: `a.ts -> b.ts`. */
  readonly files: string
}

/** One message for each circle of sibling folders, tests left out: the path around it, and an import of each step. */
export function folderCirclesIn(graph: ImportGraph): string[] {
  const imports = [...graph].flatMap(([file, imported]) => imported.flatMap((other) => folderImport(file, other) ?? []))
  const folders = new Map<string, string[]>()
  for (const { from, to } of imports) folders.set(from, [...(folders.get(from) ?? []), to])
  return circlesIn(folders).map((circle) => {
    const steps = circle.slice(1).map((to, index) => imports.find((step) => step.from === circle[index] && step.to === to)?.files ?? '')
    return [`folders: ${circle.join(' -> ')}`, ...steps.map((files) => `    ${files}`)].join('\n')
  })
}

function folderImport(file: string, imported: string): FolderImport | null {
  if (file.startsWith('test/') || imported.startsWith('test/')) return null
  const [from, to] = [file.split('/'), imported.split('/')]
  const depth = from.findIndex((part, index) => part !== to[index])
  // Both go on below the place where they part: two folders, no file of their parent.
  if (depth < 0 || from.length <= depth + 1 || to.length <= depth + 1) return null
  const folderOf = (parts: readonly string[]): string => parts.slice(0, depth + 1).join('/')
  return { from: folderOf(from), to: folderOf(to), files: `${file} -> ${imported}` }
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
  const graph = graphOf(packageRoot())
  const circles = [...circlesIn(graph).map((circle) => circle.join(' -> ')), ...folderCirclesIn(graph)]
  for (const circle of circles) console.error(circle)
  process.exitCode = circles.length === 0 ? 0 : 1
}
