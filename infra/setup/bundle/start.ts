// Starts the command line from one file, with what V8 compiled of it before: loading a thousand modules takes three times as long. make-bundle.js
// makes the file and the code caches, one for each set of V8's flags. Without a cache that fits, V8 compiles as usual.
import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cachedDataVersionTag } from 'node:v8'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

type Wrapper = (exports: object, require: NodeJS.Require, module: object, filename: string, dirname: string) => void

const self = fileURLToPath(import.meta.url)
const folder = dirname(self)
/** The code cache for V8's version, its flags and the features of the CPU, after a check sum of the bundle and of itself. */
export const CACHE_FILE = join(folder, `${String(cachedDataVersionTag())}.cache`)

/** Bytes of a cache file. V8 checks neither that a cache is whole nor that it is of this source. */
export function sealed(bundle: Uint8Array, cache: Uint8Array): Buffer {
  const sum = Buffer.alloc(4)
  sum.writeUInt32LE(crc32(cache, crc32(bundle)))
  return Buffer.concat([sum, cache])
}

/** Runs the bundle. @returns its bytes, and what V8 compiles of it */
export function startBundle(): { readonly bundle: Buffer; readonly script: Script } {
  const filename = join(folder, 'eunomia.cjs')
  const bundle = readFileSync(filename)
  const cachedData = cacheOf(bundle)
  // The file is ASCII: one byte for each character in memory, too.
  const script = new Script(`(function(exports,require,module,__filename,__dirname){${bundle.toString('latin1')}\n})`, {
    // In stacks of errors; a path would be that of the cache.
    filename: 'eunomia.cjs',
    ...(cachedData === null ? {} : { cachedData }),
  })
  const run = script.runInThisContext() as Wrapper
  run({}, createRequire(filename), {}, filename, folder)
  return { bundle, script }
}

/** Null for none that is whole and of this bundle. */
function cacheOf(bundle: Buffer): Buffer | null {
  try {
    const bytes = readFileSync(CACHE_FILE)
    const cache = bytes.subarray(4)
    return bytes.equals(sealed(bundle, cache)) ? cache : null
  } catch {
    return null
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === self) startBundle()
