// What the programs of `npm run generate` end with: write the generated files, or with --check only report those that are stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageRoot } from './package-root.js'

/** Texts by path below the package root. */
export type GeneratedFiles = ReadonlyMap<string, string>

/** Paths of files that are missing below `root` or differ from what would be generated now. */
export function staleFiles(files: GeneratedFiles, root: string): string[] {
  return [...files].filter(([path, text]) => textAt(join(root, path)) !== text).map(([path]) => path)
}

/** Writes the files. With --check as an argument of this process, it names the stale ones and sets the exit status to 1. */
export function writeOrCheck(files: GeneratedFiles): void {
  const root = packageRoot()
  if (process.argv.includes('--check')) {
    const stale = staleFiles(files, root)
    for (const path of stale) process.stderr.write(`${path} is stale: run npm run generate\n`)
    if (stale.length > 0) process.exitCode = 1
    return
  }
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    process.stdout.write(`wrote ${path}\n`)
  }
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
