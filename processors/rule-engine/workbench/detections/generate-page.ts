// Writes docs/detections.md (`npm run generate`); with --check only says whether it is what the rules make.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { loadRuleFiles } from '../../load/rule-files.js'
import { detectionsPage } from './detections-page.js'

const file = join(packageRoot(), 'docs/detections.md')
const wanted = detectionsPage(loadRuleFiles([join(packageRoot(), 'rules')]).ruleSet.rules)

if (!process.argv.includes('--check')) {
  writeFileSync(file, wanted)
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== wanted) {
  process.stdout.write('docs/detections.md is not what the rules of rules/ make: npm run generate\n')
  process.exitCode = 1
}
