// How many members a group on a broker has.
import { kafkajsClient } from '../../../infra/kafka/client-options.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'

/** Number of the members of a group that has been put together. */
export async function membersOf(config: KafkaConfig, group: string): Promise<number> {
  const admin = kafkajsClient(config, SILENT_LOGGER, { retries: 3 }).admin()
  try {
    await admin.connect()
    const { groups } = await admin.describeGroups([group])
    return groups[0]?.state === 'Stable' ? groups[0].members.length : 0
  } finally {
    await admin.disconnect()
  }
}
