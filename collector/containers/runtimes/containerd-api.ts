// The calls of containerd's own API that are needed. Answers are returned unparsed.
import { asObject, listAt, objectAt, textAt, type JsonObject } from '../facts/json-fields.js'
import { loadProto, type ProtoFile, RuntimeGrpc, type GrpcHeaders, type RuntimeGrpcConfig } from '../transport/runtime-grpc.js'

const SERVICES = {
  Containers: ['containers', 'containerd.services.containers.v1.Containers'],
  Tasks: ['tasks', 'containerd.services.tasks.v1.Tasks'],
  Namespaces: ['namespaces', 'containerd.services.namespaces.v1.Namespaces'],
  Images: ['images', 'containerd.services.images.v1.Images'],
  Events: ['events', 'containerd.services.events.v1.Events'],
  Version: ['version', 'containerd.services.version.v1.Version'],
} as const

const TOPICS = ['/containers/create', '/containers/delete', '/tasks/start', '/tasks/exit', '/tasks/oom']

/** Whether a namespace has the form that containerd requires. */
export function isNamespace(name: string): boolean {
  return name.length <= 76 && /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/.test(name)
}

/** The calls. Each throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE). */
export class ContainerdApi {
  readonly #grpc: RuntimeGrpc
  readonly #protos = new Map<string, Promise<ProtoFile>>()

  constructor(config: RuntimeGrpcConfig) {
    this.#grpc = new RuntimeGrpc(config)
  }

  async version(signal: AbortSignal): Promise<string> {
    return textAt((await this.#call('Version', 'Version', {}, signal)) ?? {}, 'version', 64)
  }

  async namespaces(max: number, signal: AbortSignal): Promise<readonly string[]> {
    const answer = (await this.#call('Namespaces', 'List', {}, signal)) ?? {}
    const names = listAt(answer, 'namespaces', max).map((entry) => textAt(asObject(entry) ?? {}, 'name', 128))
    return names.filter(isNamespace)
  }

  /** A container; undefined when the namespace has none with this id. */
  async container(namespace: string, id: string, signal: AbortSignal): Promise<JsonObject | undefined> {
    const answer = await this.#call('Containers', 'Get', { id }, signal, { 'containerd-namespace': namespace })
    return answer === undefined ? undefined : objectAt(answer, 'container')
  }

  /** The current or last task of a container; undefined when there is none. */
  async task(namespace: string, id: string, signal: AbortSignal): Promise<JsonObject | undefined> {
    const answer = await this.#call('Tasks', 'Get', { container_id: id }, signal, { 'containerd-namespace': namespace })
    return answer === undefined ? undefined : objectAt(answer, 'process')
  }

  async tasks(namespace: string, signal: AbortSignal): Promise<readonly unknown[]> {
    const answer = (await this.#call('Tasks', 'List', {}, signal, { 'containerd-namespace': namespace })) ?? {}
    return listAt(answer, 'tasks', Infinity)
  }

  /** Digest of the image with this name; empty when the namespace has no such image. */
  async imageDigest(namespace: string, name: string, signal: AbortSignal): Promise<string> {
    const answer = (await this.#call('Images', 'Get', { name }, signal, { 'containerd-namespace': namespace })) ?? {}
    return textAt(objectAt(objectAt(answer, 'image'), 'target'), 'digest', 256)
  }

  /** Yields the events of all namespaces until the stream ends. */
  async *events(signal: AbortSignal): AsyncGenerator<JsonObject, void, undefined> {
    const [file, service] = SERVICES.Events
    const method = (await this.#proto(file)).method(service, 'Subscribe')
    yield* this.#grpc.stream(method, { filters: TOPICS.map((topic) => `topic=="${topic}"`) }, signal)
  }

  /** Decodes the payload of an event; null for bytes that can't be decoded. */
  async payload(message: string, bytes: Uint8Array): Promise<JsonObject | null> {
    return (await this.#proto('payloads')).decode(`containerd.events.${message}`, bytes)
  }

  close(): void {
    this.#grpc.close()
  }

  async #call(
    name: keyof typeof SERVICES,
    method: string,
    request: object,
    signal: AbortSignal,
    headers: GrpcHeaders = {},
  ): Promise<JsonObject | undefined> {
    const [file, service] = SERVICES[name]
    return await this.#grpc.call((await this.#proto(file)).method(service, method), request, signal, headers)
  }

  async #proto(file: string): Promise<ProtoFile> {
    if (this.#protos.size === 0) await this.#grpc.requireSocket()
    let proto = this.#protos.get(file)
    if (proto === undefined) {
      proto = loadProto(`${file}.proto`)
      this.#protos.set(file, proto)
    }
    return await proto
  }
}
