// Writes docs/fields.md and docs/detections.md (`npm run generate`). With --check it only reports which of them is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { loadRuleFiles } from '../../load/rule-files.js'
import { detectionsPage } from './detections-page.js'
import { fieldsPage } from './fields-page.js'

const { rules } = loadRuleFiles([join(packageRoot(), 'rules')]).ruleSet
const PAGES = [
  { path: 'docs/fields.md', source: 'the field catalogue', text: fieldsPage() },
  { path: 'docs/detections.md', source: 'the rules in rules/', text: detectionsPage(rules) },
]

for (const { path, source, text } of PAGES) {
  const file = join(packageRoot(), path)
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stdout.write(`${path} does not match ${source}: run npm run generate\n`)
    process.exitCode = 1
  }
}
