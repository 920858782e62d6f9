// Writes docs/configuration.md; with --check only says whether it is what the schema makes.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../process/package-root.js'
import { configurationPage } from './config-docs.js'

const file = join(packageRoot(), 'docs/configuration.md')
const wanted = configurationPage()

if (!process.argv.includes('--check')) {
  writeFileSync(file, wanted)
} else if (readFileSync(file, 'utf8') !== wanted) {
  process.stdout.write('docs/configuration.md is not what infra/config/config-schema.ts makes: npm run generate\n')
  process.exitCode = 1
}
