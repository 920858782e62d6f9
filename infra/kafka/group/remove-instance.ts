// Removes a static member from its group on behalf of an operator: its process has ended for good, and the others need not wait for the end of
// its session, nor for what it left open.
import type { Logger } from '../../process/logger.js'
import { messageOf } from '../../process/errors.js'
import { Backoff } from '../../waiting/backoff.js'
import { pause } from '../../waiting/clock.js'
import { brokersText, groupNameOf, type KafkaConfig } from '../kafka-config.js'
import { kafkaErrorOf } from '../kafka-errors.js'
import type { KafkaTransport } from '../transport.js'
import { Coordinator, isBusy, UNKNOWN_MEMBER_ID } from './coordinator.js'
import { LEAVE_GROUP, leaveRequest, parseLeave } from './member-requests.js'
import { TransactionalProducer, transactionalIdsOf } from './transactional-producer.js'

/** A coordinator that moves, or starts, is asked again: about two seconds. */
const MOST_ATTEMPTS = 8

/**
 * Removes it. A process that still runs as this instance joins again, as a new member.
 * @param transport connected and ended here
 * @returns false if the group has no such member
 * @throws KafkaUnreachableError, KafkaRefusedError
 */
export async function removeInstance(
  config: KafkaConfig,
  { group: name, instanceId }: { readonly group: string; readonly instanceId: string },
  transport: KafkaTransport,
  log: Logger,
): Promise<boolean> {
  const group = groupNameOf(config, name)
  const clientId = config.clientId ?? 'eunomia'
  try {
    await transport.connect([])
    for (const transactionalId of Object.values(transactionalIdsOf(group, instanceId)))
      await new TransactionalProducer({ transport, clientId, group, transactionalId }).ready().catch((error: unknown) => {
        // They end by their time limit.
        log.warn({ group, transactionalId, error: messageOf(error) }, 'transactions that the instance may have left open are not ended')
      })
    const coordinator = new Coordinator(transport, 'group', group)
    const backoff = new Backoff(50, 500)
    for (;;) {
      try {
        const errorCode = parseLeave(await coordinator.send(LEAVE_GROUP, leaveRequest({ clientId, group }, { memberId: '', instanceId })))
        if (errorCode === UNKNOWN_MEMBER_ID) return false
        coordinator.check(errorCode, `${instanceId} was not removed from ${group}`)
        return true
      } catch (error) {
        if (!isBusy(error) || backoff.attempts >= MOST_ATTEMPTS) throw error
        await pause(backoff.next())
      }
    }
  } catch (cause) {
    throw kafkaErrorOf(cause, `the instance ${instanceId} can't be removed from the group ${group} at ${brokersText(config)}`)
  } finally {
    await transport.disconnect().catch(() => undefined)
  }
}
