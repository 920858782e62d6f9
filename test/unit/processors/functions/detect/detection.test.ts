import { MemoryLog } from '../../../../../infra/topic-log/memory-log/memory-log.js'
import { MemoryStore } from '../../../../../processors/membership/memory-store.js'
import { describeDetection } from '../../../../conformance/detection.js'

describe('detection in one process', () => {
  describeDetection({
    open: () => {
      const log = new MemoryLog()
      return Promise.resolve({ log, store: new MemoryStore(), close: () => log.close() })
    },
  })
})
