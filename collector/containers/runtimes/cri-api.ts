// The calls of the CRI that are needed. Answers are returned unparsed.
import { asObject, listAt, textAt, type JsonObject } from '../facts/json-fields.js'
import { type GrpcMethod, type ProtoFile, loadProto, RuntimeGrpc, type RuntimeGrpcConfig } from '../transport/runtime-grpc.js'

const SERVICE = 'runtime.v1.RuntimeService'
const CONTAINER_ID = /^[0-9a-f]{64}$/

/** Whether an id has the form that CRI runtimes use. */
export function isCriId(id: string): boolean {
  return CONTAINER_ID.test(id)
}

/** Containers and sandboxes of one poll. */
export interface CriListing {
  /** Id -> whether it runs. */
  readonly states: ReadonlyMap<string, boolean>
  /** Entries left out at the bound. */
  readonly cut: number
}

/** The calls. Each throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE). */
export class CriApi {
  readonly #grpc: RuntimeGrpc
  #proto: Promise<ProtoFile> | null = null

  constructor(config: RuntimeGrpcConfig) {
    this.#grpc = new RuntimeGrpc(config)
  }

  /** Name and version of the runtime. */
  async version(signal: AbortSignal): Promise<string> {
    const answer = (await this.#grpc.call(await this.#method('Version'), {}, signal)) ?? {}
    return `${textAt(answer, 'runtime_name', 64)} ${textAt(answer, 'runtime_version', 64)}`.trim()
  }

  /** Verbose status of a container; undefined when the runtime does not know it. */
  async containerStatus(containerId: string, signal: AbortSignal): Promise<JsonObject | undefined> {
    return await this.#grpc.call(await this.#method('ContainerStatus'), { container_id: containerId, verbose: true }, signal)
  }

  /** Verbose status of a sandbox; undefined when the runtime does not know it. */
  async sandboxStatus(sandboxId: string, signal: AbortSignal): Promise<JsonObject | undefined> {
    return await this.#grpc.call(await this.#method('PodSandboxStatus'), { pod_sandbox_id: sandboxId, verbose: true }, signal)
  }

  /** All containers and sandboxes, including ended ones that are still known. */
  async list(maxListed: number, signal: AbortSignal): Promise<CriListing> {
    const states = new Map<string, boolean>()
    const containers = (await this.#grpc.call(await this.#method('ListContainers'), {}, signal)) ?? {}
    const sandboxes = (await this.#grpc.call(await this.#method('ListPodSandbox'), {}, signal)) ?? {}
    const listed = [...listAt(containers, 'containers', Infinity), ...listAt(sandboxes, 'items', Infinity)]
    for (const value of listed.slice(0, maxListed)) {
      const entry = asObject(value) ?? {}
      const id = textAt(entry, 'id', 128)
      if (isCriId(id)) states.set(id, entry['state'] === 'CONTAINER_RUNNING' || entry['state'] === 'SANDBOX_READY')
    }
    return { states, cut: Math.max(0, listed.length - maxListed) }
  }

  /** Yields events until the stream ends. */
  async *events(signal: AbortSignal): AsyncGenerator<JsonObject, void, undefined> {
    yield* this.#grpc.stream(await this.#method('GetContainerEvents'), {}, signal)
  }

  close(): void {
    this.#grpc.close()
  }

  async #method(name: string): Promise<GrpcMethod> {
    if (this.#proto === null) await this.#grpc.requireSocket()
    this.#proto ??= loadProto('cri.proto')
    return (await this.#proto).method(SERVICE, name)
  }
}
