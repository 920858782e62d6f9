import { MemorySettlement } from '../../../../../processors/delivery/settlement/memory-settlement.js'
import { describeSettlementStore } from '../../../../conformance/settlement-store.js'

describeSettlementStore('a settlement store in memory', {
  open: () => new MemorySettlement(),
  clear: (store) => Promise.resolve((store as MemorySettlement).clear()),
})
