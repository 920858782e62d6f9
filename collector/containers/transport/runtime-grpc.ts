// gRPC over the unix socket of containerd or CRI-O: calls and streams with bounds on size and time, and the .proto files. Does not know the content.
import type { CallOptions, Client, Metadata, ServiceError } from '@grpc/grpc-js'
import { stat } from 'node:fs/promises'
import { messageOf } from '../../../infra/process/errors.js'
import { timedSignal } from '../../../infra/waiting/signals.js'
import { asObject, type JsonObject } from '../facts/json-fields.js'
import { isAbsence, RuntimeUnreachableError } from '../runtime.js'
import type { FollowConfig } from './event-stream.js'
import type { MessageTypeDefinition, MethodDefinition, PackageDefinition } from '@grpc/proto-loader'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'

/** Settings of the client. */
export interface RuntimeGrpcConfig {
  /** Name of the runtime in messages. */
  readonly title: string
  readonly socketPath: string
  /** Longest wait for an answer; default 10,000. */
  readonly timeoutMs: number
  /** Longest message, bytes; default 16 MiB. */
  readonly maxAnswerBytes: number
}

/** Headers of a call. */
export type GrpcHeaders = Readonly<Record<string, string>>

/** gRPC status codes that mean more than "failed". @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const NOT_FOUND = 5
const UNIMPLEMENTED = 12

type Library = typeof import('@grpc/grpc-js')

/** The client. The library is loaded when the socket exists; one connection, which the library reopens when it breaks. */
export class RuntimeGrpc {
  readonly #config: RuntimeGrpcConfig
  #opened: Promise<{ readonly library: Library; readonly client: Client }> | null = null
  #isClosed = false

  constructor(config: RuntimeGrpcConfig) {
    this.#config = config
  }

  /**
   * Calls a method; returns undefined for NOT_FOUND.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE) on a timeout, another status, or an answer that is too long or can't be decoded
   */
  async call(method: GrpcMethod, request: object, signal: AbortSignal, headers: GrpcHeaders = {}): Promise<JsonObject | undefined> {
    const bounded = timedSignal(this.#config.timeoutMs, signal)
    try {
      return await this.#unary(method, request, bounded.signal, headers)
    } catch (error) {
      throw this.#unreachable(method, bounded.signal.aborted ? bounded.signal.reason : error)
    } finally {
      bounded.release()
    }
  }

  /**
   * Opens a stream and yields its messages until it ends. Nothing signals when the runtime has begun to serve it: an answered call after
   * the opening, on the same connection, does.
   * @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE) when it breaks
   */
  async *stream(method: GrpcMethod, request: object, signal: AbortSignal): AsyncGenerator<JsonObject, void, undefined> {
    let cancel = (): void => undefined
    try {
      const { library, client } = await this.#open()
      if (signal.aborted) return
      const options: CallOptions = {}
      const metadata = new library.Metadata()
      const stream = client.makeServerStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        metadata,
        options,
      )
      cancel = () => stream.cancel()
      signal.addEventListener('abort', cancel)
      for await (const message of stream as AsyncIterable<unknown>) {
        const object = asObject(message)
        if (object !== null) yield object
      }
    } catch (error) {
      if (!signal.aborted) throw this.#unreachable(method, error)
    } finally {
      signal.removeEventListener('abort', cancel)
      cancel()
    }
  }

  /** Ends the connection. */
  close(): void {
    this.#isClosed = true
    void this.#opened?.then(({ client }) => client.close()).catch(() => undefined)
    this.#opened = null
  }

  async #unary(method: GrpcMethod, request: object, signal: AbortSignal, headers: GrpcHeaders): Promise<JsonObject | undefined> {
    const { library, client } = await this.#open()
    if (signal.aborted) throw signal.reason
    return await new Promise((resolve, reject) => {
      const settled = (error: ServiceError | null, answer?: object): void => {
        signal.removeEventListener('abort', cancel)
        if (error === null) resolve(asObject(answer) ?? {})
        else if (error.code === (NOT_FOUND as number)) resolve(undefined)
        else reject(error)
      }
      const metadata = metadataOf(new library.Metadata(), headers)
      const { path, requestSerialize, responseDeserialize } = method
      const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, {}, settled)
      const cancel = (): void => call.cancel()
      signal.addEventListener('abort', cancel)
    })
  }

  /** Before anything is loaded for it. @throws RuntimeUnreachableError (EUNOMIA_RUNTIME_UNREACHABLE) without a socket */
  async requireSocket(): Promise<void> {
    await stat(this.#config.socketPath).catch((cause: unknown) => {
      throw this.#unreachable(null, cause)
    })
  }

  /** Checks the socket first: a missing one is no outage, and must not make the library back off. */
  async #open(): Promise<{ readonly library: Library; readonly client: Client }> {
    await stat(this.#config.socketPath)
    if (this.#isClosed) throw new Error('the client was closed')
    this.#opened ??= this.#connect()
    return await this.#opened
  }

  async #connect(): Promise<{ readonly library: Library; readonly client: Client }> {
    const library = await import('@grpc/grpc-js')
    const client = new library.Client(`unix:${this.#config.socketPath}`, library.credentials.createInsecure(), {
      'grpc.max_receive_message_length': this.#config.maxAnswerBytes,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      'grpc.default_authority': 'localhost', // Go servers reject the path that the library would send
      'grpc.enable_http_proxy': 0,
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
    })
    return { library, client }
  }

  #unreachable(method: GrpcMethod | null, cause: unknown): RuntimeUnreachableError {
    const { title, socketPath } = this.#config
    return new RuntimeUnreachableError(`${title} does not answer at ${socketPath}: ${messageOf(cause)}`, {
      cause,
      // A server without this service belongs to another runtime: this one is not installed.
      details: { socketPath, path: method?.path ?? null, isAbsent: isAbsence(cause) || codeOf(cause) === UNIMPLEMENTED },
    })
  }
}

/** Whether the server has no such method or service. */
export function isUnimplemented(error: unknown): boolean {
  return codeOf(error instanceof RuntimeUnreachableError ? error.cause : error) === UNIMPLEMENTED
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function metadataOf(metadata: Metadata, headers: GrpcHeaders): Metadata {
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value)
  return metadata
}

/** Settings of the client. */
export interface GrpcRuntimeConfig extends Omit<RuntimeGrpcConfig, 'title'>, FollowConfig {
  /** Most containers read from one list; default 65,536. More are counted. */
  readonly maxListed: number
}

/** Defaults of {@link GrpcRuntimeConfig}, except the socket. */
export const GRPC_DEFAULTS: Omit<GrpcRuntimeConfig, 'socketPath'> = {
  timeoutMs: 10_000,
  maxAnswerBytes: 16 << 20,
  minBackoffMs: 100,
  maxBackoffMs: 2000,
  maxListed: 65_536,
}

/** A method of a service. */
export type GrpcMethod = MethodDefinition<object, object>

/** A loaded .proto file. */
export class ProtoFile {
  readonly #definitions: PackageDefinition

  constructor(definitions: PackageDefinition) {
    this.#definitions = definitions
  }

  /** A method by the full name of its service. Throws if the file has none. */
  method(service: string, name: string): GrpcMethod {
    const definition = this.#definitions[service]
    const method = definition === undefined || 'format' in definition ? undefined : definition[name]
    if (method === undefined) throw new Error(`no method ${service}/${name}`)
    return method
  }

  /** Decodes a message by its full name; null for bytes that can't be decoded. Throws if the file has no such message. */
  decode(message: string, bytes: Uint8Array): JsonObject | null {
    const definition = this.#definitions[message]
    if (definition === undefined || !isMessage(definition)) throw new Error(`no message ${message}`)
    try {
      return asObject(definition.deserialize(Buffer.from(bytes)))
    } catch {
      return null
    }
  }
}

/**
 * Reads a file: field names as in the file, 64-bit numbers and enum values as text, absent fields as their defaults.
 * @param path below collector/containers/proto
 */
export async function loadProto(path: string): Promise<ProtoFile> {
  const { load } = await import('@grpc/proto-loader')
  const file = join(packageRoot(), 'collector/containers/proto', path)
  return new ProtoFile(await load(file, { keepCase: true, longs: String, enums: String, defaults: true }))
}

function isMessage(definition: PackageDefinition[string]): definition is MessageTypeDefinition<object, object> {
  return 'deserialize' in definition
}
