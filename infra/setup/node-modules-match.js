// Exits with status 0 if node_modules matches package-lock.json: npm's record of the installed packages (node_modules/.package-lock.json,
// written last) has the same versions. Plain JavaScript, because it runs before anything is installed.
import { readFileSync } from 'node:fs'

/** Packages of a lock file by path; undefined if it can't be read. */
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
    // Binaries for other platforms are optional and not installed.
    return place === '' || (found === undefined ? optional === true : found.version === version)
  })
process.exitCode = isMatch ? 0 : 1
