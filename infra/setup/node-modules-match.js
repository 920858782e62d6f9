// Exit status 0 when node_modules holds just what package-lock.json asks for: npm's own record of what it installed
// (node_modules/.package-lock.json, written last) names the same versions. Plain JavaScript: it runs before anything is installed.
import { readFileSync } from 'node:fs'

/** Packages of a lock file by their place; undefined when it can't be read. */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

const wanted = packagesOf('package-lock.json')
const installed = packagesOf('node_modules/.package-lock.json')
const isMatch =
  wanted !== undefined &&
  installed !== undefined &&
  Object.entries(wanted).every(([place, { version, optional }]) => {
    const found = installed[place]
    // Binaries for other platforms are optional and stay out.
    return place === '' || (found === undefined ? optional === true : found.version === version)
  })
process.exitCode = isMatch ? 0 : 1
