import { MemoryGroupStore } from '../../../../../processors/delivery/grouping/memory-group-store.js'
import { describeGroupStore } from '../../../../conformance/group-store.js'

describe('groups in memory', () => {
  describeGroupStore((bounds) => new MemoryGroupStore(bounds))
})
