// Correlations that no function evaluates yet are reported in the log and in the metrics.
import assert from 'node:assert/strict'
import { warnOfCorrelations } from '../../../assembly/functions.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { Metrics } from '../../../infra/process/metrics.js'
import { load, programRule } from '../../support/correlation/program-rules.js'
import { CORRELATED_RULES } from '../../support/rules/correlated-rules.js'

describe('waiting correlations', () => {
  it('says which correlations it does not evaluate, in the log and as a number', async () => {
    const lines: unknown[] = []
    const log = { ...SILENT_LOGGER, warn: (fields: unknown) => void lines.push(fields) }
    const metrics = new Metrics()
    warnOfCorrelations({ ruleSet: CORRELATED_RULES.ruleSet }, log, metrics)
    assert.deepEqual(lines, [{ correlations: ['First a', 'Often'], count: 2 }])
    assert.match(await metrics.text(), /^eunomia_correlations_not_judged 2$/m)
  })
  it('says nothing where there are none', () => {
    const log = { ...SILENT_LOGGER, warn: () => assert.fail('warned') }
    warnOfCorrelations({ ruleSet: load(programRule('a')).ruleSet }, log, new Metrics())
  })
})
