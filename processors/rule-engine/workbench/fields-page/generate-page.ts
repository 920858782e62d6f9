// Writes docs/fields.md (`npm run generate`); with --check only says whether it is what the catalogue makes.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { fieldsPage } from './fields-page.js'

const file = join(packageRoot(), 'docs/fields.md')
const wanted = fieldsPage()

if (!process.argv.includes('--check')) {
  writeFileSync(file, wanted)
} else if (readFileSync(file, 'utf8') !== wanted) {
  process.stdout.write('docs/fields.md is not what processors/rule-engine/fields makes: npm run generate\n')
  process.exitCode = 1
}
