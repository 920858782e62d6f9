import { MemoryLog } from '../../../../../infra/topic-log/memory-log/memory-log.js'
import { MemoryStore } from '../../../../../processors/membership/memory-store.js'
import { describeDetection } from '../../../../conformance/detection.js'

describe('detection in one process', () => {
  describeDetection({
    open: () => {
      const topicLog = new MemoryLog()
      return Promise.resolve({ topicLog, store: new MemoryStore(), close: () => topicLog.close() })
    },
  })
})
