// Records of eunomia.state.v1.
import type { StateRecord } from '../../../schemas/generated/types.js'

const NOW_US = Date.now() * 1000

/** A silence of a host for a minute. */
export const silenceRecord = (match = '{"host":"node-1"}', endsUs = NOW_US + 60_000_000): StateRecord => ({
  kind: 'silence',
  id: 's1',
  author: 'ana',
  reason: 'migration',
  changedUs: NOW_US,
  silence: { match, startsUs: NOW_US - 1, endsUs },
  alertState: null,
  hunt: null,
  archiveHold: null,
})
/** The state of an alert. */
export const alertRecord = (id: string, alertState: StateRecord['alertState'] = 'closed'): StateRecord => ({
  ...silenceRecord(),
  kind: 'alert',
  id,
  silence: null,
  alertState,
})
