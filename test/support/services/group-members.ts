// The members of a group on a broker.
import { kafkajsClient } from '../../../infra/kafka/client-options.js'
import type { KafkaConfig } from '../../../infra/kafka/kafka-config.js'
import { decodeAssignment } from '../../../infra/kafka/group/subscription.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'

/** Partitions of the topic by the instance id of the static member that has them; empty while the group is put together. */
export async function partitionsByInstance(config: KafkaConfig, group: string, topic: string): Promise<Map<string, readonly number[]>> {
  const admin = kafkajsClient(config, SILENT_LOGGER, { retries: 3 }).admin()
  try {
    await admin.connect()
    const { groups } = await admin.describeGroups([group])
    const members = groups[0]?.state === 'Stable' ? groups[0].members : []
    // Brokers name a static member after its instance.
    return new Map(
      members.map(({ memberAssignment, memberId }) => [
        memberId.slice(0, -37),
        decodeAssignment(memberAssignment).partitions.get(topic) ?? [],
      ]),
    )
  } finally {
    await admin.disconnect()
  }
}

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
