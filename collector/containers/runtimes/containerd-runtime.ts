// containerd as a ContainerRuntime, over its own API: containers of ctr and nerdctl, in every namespace that no other client covers better.
import type { Logger } from '../../../infra/process/logger.js'
import { asObject, textAt, integerAt, objectAt, type JsonObject } from '../facts/json-fields.js'
import { GRPC_DEFAULTS, type GrpcRuntimeConfig } from '../transport/runtime-grpc.js'
import type { ContainerRuntime, RuntimeContainer, RuntimeEvent, RuntimeEvents } from '../runtime.js'
import { ConnectionReport, followReported } from '../transport/event-stream.js'
import { ContainerdApi, isNamespace } from './containerd-api.js'
import { parseContainerdContainer } from './containerd-container.js'

/** Settings of the containerd client. */
export interface ContainerdConfig extends GrpcRuntimeConfig {
  /** Namespaces of other runtimes, which know names and images of their containers; default Docker's and the CRI's. */
  readonly othersNamespaces: readonly string[]
  /** Most namespaces that are read; default 64. */
  readonly maxNamespaces: number
  /** Most containers whose namespace is cached; default 16,384. The oldest is dropped, and searched for in all namespaces again. */
  readonly maxPlaces: number
}

/** Defaults of {@link ContainerdConfig}. */
export const CONTAINERD_DEFAULTS: ContainerdConfig = {
  ...GRPC_DEFAULTS,
  socketPath: '/run/containerd/containerd.sock',
  othersNamespaces: ['moby', 'k8s.io'],
  maxNamespaces: 64,
  maxPlaces: 16_384,
}

/** The client. */
export class ContainerdRuntime implements ContainerRuntime {
  readonly name = 'containerd'
  readonly socketPath: string
  readonly counters = {
    /** Containers of which labels, mounts or the specification were left out at a bound. */
    factsCut: 0,
    /** Events that can't be parsed. */
    badEvents: 0,
    /** Times the event stream ended or did not open. */
    disconnects: 0,
    /** Running containers that a list left out at its bound. */
    listCut: 0,
    /** Containers with an id that another namespace also has: only the first one is known. */
    idsDoubled: 0,
  }
  readonly #api: ContainerdApi
  readonly #report: ConnectionReport
  readonly #config: ContainerdConfig
  /** Container id -> namespace. */
  readonly #namespaceOf = new Map<string, string>()

  constructor(config: ContainerdConfig, log: Logger) {
    this.#config = config
    this.socketPath = config.socketPath
    this.#api = new ContainerdApi({ ...config, title: 'containerd' })
    this.#report = new ConnectionReport(this.name, config.socketPath, log)
  }

  mayKnow(containerId: string): boolean {
    return isContainerdId(containerId)
  }

  async facts(containerId: string, signal: AbortSignal): Promise<RuntimeContainer | null> {
    if (!this.mayKnow(containerId)) return null
    const place = this.#namespaceOf.get(containerId)
    for (const namespace of place === undefined ? await this.#namespaces(signal) : [place]) {
      const container = await this.#api.container(namespace, containerId, signal)
      if (container === undefined) continue
      const image = textAt(container, 'image', 1024)
      const [task, imageDigest] = await Promise.all([
        this.#api.task(namespace, containerId, signal),
        image === '' ? '' : this.#api.imageDigest(namespace, image, signal),
      ])
      this.#cacheNamespace(containerId, namespace)
      return parseContainerdContainer({ container, task, imageDigest }, containerId, () => this.counters.factsCut++)
    }
    return null
  }

  async list(signal: AbortSignal): Promise<readonly string[]> {
    const ids = new Set<string>()
    for (const namespace of await this.#namespaces(signal)) {
      for (const value of await this.#api.tasks(namespace, signal)) {
        const task = asObject(value) ?? {}
        const id = textAt(task, 'container_id', 128) || textAt(task, 'id', 128) // which of them holds the container's id depends on the version
        if (!isContainerdId(id) || task['status'] === 'STOPPED' || task['status'] === 'CREATED') continue
        if (ids.size >= this.#config.maxListed) this.counters.listCut++
        else if (this.#cacheNamespace(id, namespace)) ids.add(id)
      }
    }
    return [...ids]
  }

  async version(signal: AbortSignal): Promise<string> {
    return await this.#api.version(signal)
  }

  events(listener: (event: RuntimeEvent) => void): RuntimeEvents {
    const receivers = { report: this.#report, counters: this.counters, listener }
    return followReported(this.#config, receivers, (opened, signal) => this.#follow(opened, listener, signal))
  }

  close(): void {
    this.#api.close()
  }

  async #follow(opened: () => void, listener: (event: RuntimeEvent) => void, signal: AbortSignal): Promise<void> {
    await this.#api.version(signal) // the socket exists, and containerd answers on it
    const stream = this.#api.events(signal)
    const first = stream.next()
    first.catch(() => undefined) // handled below
    await this.#api.version(signal) // answered after the stream was opened, so the stream is served
    opened()
    for (let next = await first; next.done !== true; next = await stream.next()) {
      const parsed = await parseContainerdEvent(next.value, (message, bytes) => this.#api.payload(message, bytes))
      if (parsed === 'bad') this.counters.badEvents++
      else if (parsed !== null) this.#emit(parsed.namespace, parsed.event, listener)
    }
  }

  #emit(namespace: string, event: RuntimeEvent, listener: (event: RuntimeEvent) => void): void {
    if (this.#config.othersNamespaces.includes(namespace) || !('containerId' in event)) return
    if (!this.#cacheNamespace(event.containerId, namespace)) return
    if (event.type === 'removed') this.#namespaceOf.delete(event.containerId)
    listener(event)
  }

  async #namespaces(signal: AbortSignal): Promise<readonly string[]> {
    const all = await this.#api.namespaces(this.#config.maxNamespaces, signal)
    return all.filter((name) => !this.#config.othersNamespaces.includes(name))
  }

  /** @returns false when the id belongs to another namespace */
  #cacheNamespace(containerId: string, namespace: string): boolean {
    const place = this.#namespaceOf.get(containerId)
    if (place !== undefined) {
      if (place !== namespace) this.counters.idsDoubled++
      return place === namespace
    }
    this.#namespaceOf.set(containerId, namespace)
    if (this.#namespaceOf.size > this.#config.maxPlaces) {
      for (const oldest of this.#namespaceOf.keys()) {
        this.#namespaceOf.delete(oldest)
        break
      }
    }
    return true
  }
}

/** Payloads by topic. */
const PAYLOADS: Readonly<Record<string, string>> = {
  '/containers/create': 'ContainerCreate',
  '/containers/delete': 'ContainerDelete',
  '/tasks/start': 'TaskStart',
  '/tasks/exit': 'TaskExit',
  '/tasks/oom': 'TaskOOM',
}

/** Decodes the payload of an event: a message of containerd.events; null for bytes that can't be decoded. */
type PayloadReader = (message: string, bytes: Uint8Array) => Promise<JsonObject | null>

/** An event and its namespace. */
interface ContainerdEvent {
  readonly namespace: string
  readonly event: RuntimeEvent
}

/** Whether containerd accepts this as a container id. UUIDs and names have this form. */
function isContainerdId(id: string): boolean {
  return isNamespace(id)
}

/** Parses one event; null for one that is not needed, 'bad' for one that can't be parsed. */
async function parseContainerdEvent(envelope: JsonObject, read: PayloadReader): Promise<ContainerdEvent | 'bad' | null> {
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
  const cgroupPaths = [`/${namespace}/${containerId}`] // containerd's default; the specification may name another path
  switch (topic) {
    case '/containers/create':
      return { type: 'created', containerId, cgroupPaths }
    case '/tasks/start':
      return { type: 'started', containerId, cgroupPaths }
    case '/tasks/exit':
      // Every process started in the container has its own id: the end of an exec session is not the end of the container.
      if (payload['id'] !== containerId) return null
      return { type: 'stopped', containerId, exitCode: integerAt(payload, 'exit_status', 0, 0x7fffffff) }
    case '/tasks/oom':
      return { type: 'oom', containerId }
    default:
      return { type: 'removed', containerId }
  }
}
