// Runs one command from the bundle, and stores what V8 compiled of it for the next start. Only for make-bundle.js.
import { openSync, writeFileSync } from 'node:fs'
import { CACHE_FILE, sealed, startBundle } from './start.js'

const { bundle, script } = startBundle()
// The command may give up the right to open it.
const file = openSync(CACHE_FILE, 'w')
process.on('exit', () => writeFileSync(file, sealed(bundle, script.createCachedData())))
