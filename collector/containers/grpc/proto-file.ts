// A .proto file of ours as methods to call and messages to read. Loaded when the first socket is there: a host without such runtimes pays nothing.
import type { MessageTypeDefinition, MethodDefinition, PackageDefinition } from '@grpc/proto-loader'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { asObject } from '../facts/json-fields.js'
import type { JsonObject } from '../facts/json-fields.js'

/** A method of a service. */
export type GrpcMethod = MethodDefinition<object, object>

/** The file. */
export class ProtoFile {
  private readonly definitions: PackageDefinition

  constructor(definitions: PackageDefinition) {
    this.definitions = definitions
  }

  /** A method by the full name of its service. Throws for one that the file does not have. */
  method(service: string, name: string): GrpcMethod {
    const definition = this.definitions[service]
    const method = definition === undefined || 'format' in definition ? undefined : definition[name]
    if (method === undefined) throw new Error(`no method ${service}/${name}`)
    return method
  }

  /** A message by its full name; null for bytes that are none. Throws for a message that the file does not have. */
  decode(message: string, bytes: Uint8Array): JsonObject | null {
    const definition = this.definitions[message]
    if (definition === undefined || !isMessage(definition)) throw new Error(`no message ${message}`)
    try {
      return asObject(definition.deserialize(Buffer.from(bytes)))
    } catch {
      return null
    }
  }
}

/**
 * Reads a file: names of fields as in the file, 64-bit numbers and values of enums as text, what is absent as its default.
 * @param path below collector/containers
 */
export async function loadProto(path: string): Promise<ProtoFile> {
  const { load } = await import('@grpc/proto-loader')
  const file = join(packageRoot(), 'collector/containers', path)
  return new ProtoFile(await load(file, { keepCase: true, longs: String, enums: String, defaults: true }))
}

function isMessage(definition: PackageDefinition[string]): definition is MessageTypeDefinition<object, object> {
  return 'deserialize' in definition
}
