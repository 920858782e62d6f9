import { MemoryQueue } from '../../../../../processors/delivery/queue/memory-queue.js'
import { describeDeliveryQueue } from '../../../../conformance/delivery-queue.js'

describeDeliveryQueue('a queue in memory', () => new MemoryQueue())
