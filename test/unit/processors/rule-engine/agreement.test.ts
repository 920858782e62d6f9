// The engine and the oracle on the same rules and events: see test/conformance/rule-agreement.ts.
import { describeFalcoCorpusAgreement, describeGeneratedFalcoAgreement } from '../../../conformance/rule-agreement.js'

describe('engine and oracle', () => {
  describeFalcoCorpusAgreement()
  describeGeneratedFalcoAgreement()
})
