// The engine and the oracle on the same Sigma rules and events: see test/conformance/sigma-agreement.ts.
import { describeSigmaAgreement } from '../../../conformance/sigma-agreement.js'

describe('engine and oracle, Sigma', function () {
  this.timeout(60_000)
  describeSigmaAgreement()
})
