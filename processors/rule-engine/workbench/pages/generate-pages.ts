// Writes docs/fields.md and docs/detections.md (`npm run generate`). With --check it only reports which of them is stale.
import { join } from 'node:path'
import { packageRoot } from '../../../../infra/process/package-root.js'
import { writeOrCheck } from '../../../../infra/process/generated-files.js'
import { loadRuleFiles } from '../../load/rule-files.js'
import { detectionsPage } from './detections-page.js'
import { fieldsPage } from './fields-page.js'

const { rules } = loadRuleFiles([join(packageRoot(), 'rules')]).ruleSet
writeOrCheck(
  new Map([
    ['docs/fields.md', fieldsPage()],
    ['docs/detections.md', detectionsPage(rules)],
  ]),
)
