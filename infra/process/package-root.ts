// Location and version of the checkout or installed package, the base for assets that are not compiled (schemas, BPF objects, rules).
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of the folder with our package.json: the nearest one above this file. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** Semantic version. */
export function packageVersion(): string {
  const facts: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'))
  return typeof facts === 'object' && facts !== null && 'version' in facts ? String(facts.version) : 'unknown'
}
