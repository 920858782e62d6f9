// A socket of containerd or a CRI runtime whose answers a test scripts: a gRPC server on a unix socket in a temp folder, with our .proto files.
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'

/** Answers a call: a message, null for NOT_FOUND, a number for that status, or never (it hangs). */
export type Answer = object | null | number | 'hang'
/** @param namespace header of containerd; empty for none */
export type Script = (request: Readonly<Record<string, unknown>>, namespace: string) => Answer

/** The server. */
export class ScriptedGrpcRuntime {
  readonly folder = mkdtempSync(join(tmpdir(), 'eunomia-scripted-'))
  readonly socketPath = join(this.folder, 'runtime.sock')
  /** Names of the called methods, in order. */
  readonly asked: string[] = []
  /** Open streams. */
  readonly streams: ServerWritableStream<object, object>[] = []
  private readonly scripts = new Map<string, Script>()
  private readonly services: ServiceDefinition[] = []
  private server: Server | null = null

  /** @param protos files below collector/containers/proto whose services the server has */
  constructor(protos: readonly string[]) {
    for (const proto of protos) {
      const definitions = loadSync(join(packageRoot(), 'collector/containers/proto', proto), {
        keepCase: true,
        longs: String,
        enums: String,
      })
      for (const definition of Object.values(definitions)) if (!('format' in definition)) this.services.push(definition)
    }
  }

  /** Sets the answer of a method, named without its service. Others are UNIMPLEMENTED. */
  answer(method: string, script: Answer | Script): void {
    this.scripts.set(method, typeof script === 'function' ? (script as Script) : () => script)
  }

  /** Listens. May be called again after `stop`. */
  async start(): Promise<void> {
    const server = new Server()
    for (const service of this.services) server.addService(service, this.implementation(service))
    rmSync(this.socketPath, { force: true })
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix:${this.socketPath}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      )
    })
    this.server = server
  }

  /** Ends the server with all connections, as a killed daemon does. */
  stop(): Promise<void> {
    this.server?.forceShutdown()
    this.server = null
    this.streams.length = 0
    if (existsSync(this.socketPath)) rmSync(this.socketPath)
    return Promise.resolve()
  }

  /** Ends it and removes its folder. */
  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private implementation(service: ServiceDefinition): UntypedServiceImplementation {
    const handlers: UntypedServiceImplementation = {}
    for (const [name, { responseStream }] of Object.entries(service)) {
      handlers[name] = responseStream
        ? (stream: ServerWritableStream<object, object>): void => this.opened(name, stream)
        : (call: ServerUnaryCall<object, object>, reply: sendUnaryData<object>): void => this.called(name, call, reply)
    }
    return handlers
  }

  private opened(name: string, stream: ServerWritableStream<object, object>): void {
    this.asked.push(name)
    const answer = this.scripts.get(name)?.({}, '')
    if (typeof answer === 'number') return void stream.emit('error', { code: answer, details: 'scripted' })
    stream.on('error', () => undefined)
    this.streams.push(stream)
  }

  private called(name: string, call: ServerUnaryCall<object, object>, reply: sendUnaryData<object>): void {
    this.asked.push(name)
    const namespace = String(call.metadata.get('containerd-namespace')[0] ?? '')
    const script = this.scripts.get(name)
    const answer = script === undefined ? status.UNIMPLEMENTED : script(call.request as Record<string, unknown>, namespace)
    if (answer === 'hang') return
    if (answer === null) reply({ code: status.NOT_FOUND, details: 'no such thing' })
    else if (typeof answer === 'number') reply({ code: answer, details: 'scripted' })
    else reply(null, answer)
  }
}
