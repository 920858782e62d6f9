// Starts the command line from one file, with what V8 compiled of it before: loading a thousand modules takes three times as long. make-bundle.js
// makes the file and the code caches, one for each set of V8's flags. Without a cache that fits, V8 compiles as usual.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cachedDataVersionTag } from 'node:v8'
import { Script } from 'node:vm'

type Wrapper = (exports: object, require: NodeJS.Require, module: object, filename: string, dirname: string) => void

const self = fileURLToPath(import.meta.url)
const folder = dirname(self)
/** The code cache for V8's version, its flags and the features of the CPU. */
export const CACHE_FILE = join(folder, `${String(cachedDataVersionTag())}.cache`)

/** Runs the bundle. @returns what V8 compiles of it */
export function startBundle(): Script {
  const filename = join(folder, 'eunomia.cjs')
  const cachedData = readIfThere(CACHE_FILE)
  // The file is ASCII: one byte for each character in memory, too.
  const script = new Script(`(function(exports,require,module,__filename,__dirname){${readFileSync(filename, 'latin1')}\n})`, {
    // In stacks of errors; a path would be that of the cache.
    filename: 'eunomia.cjs',
    ...(cachedData === undefined ? {} : { cachedData }),
  })
  const run = script.runInThisContext() as Wrapper
  run({}, createRequire(filename), {}, filename, folder)
  return script
}

function readIfThere(name: string): Buffer | undefined {
  try {
    return readFileSync(name)
  } catch {
    return undefined
  }
}

if (process.argv[1] === self) startBundle()
