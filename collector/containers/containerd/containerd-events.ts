// Envelopes of containerd's events -> RuntimeEvent with the namespace that it is of.
import { integerAt, objectAt, textAt } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'
import type { RuntimeEvent } from '../runtime.js'
import { isNamespace } from './containerd-api.js'

/** Payloads by topic. */
const PAYLOADS: Readonly<Record<string, string>> = {
  '/containers/create': 'ContainerCreate',
  '/containers/delete': 'ContainerDelete',
  '/tasks/start': 'TaskStart',
  '/tasks/exit': 'TaskExit',
  '/tasks/oom': 'TaskOOM',
}

/** Reads the payload of an event: a message of containerd.events; null for bytes that are none. */
export type PayloadReader = (message: string, bytes: Uint8Array) => Promise<JsonObject | null>

/** An event and its namespace. */
export interface ContainerdEvent {
  readonly namespace: string
  readonly event: RuntimeEvent
}

/** Whether containerd may call a container so. Uuids and names alike have this form. */
export function isContainerdId(id: string): boolean {
  return isNamespace(id)
}

/** One event; null for one that is of no interest, 'bad' for one that can't be read. */
export async function parseContainerdEvent(envelope: JsonObject, read: PayloadReader): Promise<ContainerdEvent | 'bad' | null> {
  const topic = textAt(envelope, 'topic', 128)
  const namespace = textAt(envelope, 'namespace', 128)
  const message = PAYLOADS[topic]
  if (message === undefined) return null
  const bytes = objectAt(envelope, 'event')['value']
  const payload = bytes instanceof Uint8Array ? await read(message, bytes) : null
  if (payload === null || !isNamespace(namespace)) return 'bad'
  const containerId = textAt(payload, topic.startsWith('/containers/') ? 'id' : 'container_id', 128)
  if (!isContainerdId(containerId)) return 'bad'
  const event = eventOf(topic, containerId, namespace, payload)
  return event === null ? null : { namespace, event }
}

function eventOf(topic: string, containerId: string, namespace: string, payload: JsonObject): RuntimeEvent | null {
  const cgroupPaths = [`/${namespace}/${containerId}`] // containerd's own default; the specification says where else
  switch (topic) {
    case '/containers/create':
      return { type: 'created', containerId, cgroupPaths }
    case '/tasks/start':
      return { type: 'started', containerId, cgroupPaths }
    case '/tasks/exit':
      // Every process that was started in the container has its own id: that of an exec session is no end of the container.
      if (payload['id'] !== containerId) return null
      return { type: 'stopped', containerId, exitCode: integerAt(payload, 'exit_status', 0, 0x7fffffff) }
    case '/tasks/oom':
      return { type: 'oom', containerId }
    default:
      return { type: 'removed', containerId }
  }
}
