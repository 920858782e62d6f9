// The codec of one command: with the fixed schema ids, or with those of the registry of the settings.
import type { Config } from '../infra/config/config-schema.js'
import { maskedUrl } from '../infra/config/masked.js'
import { isRetryable } from '../infra/process/errors.js'
import type { Logger } from '../infra/process/logger.js'
import { pause } from '../infra/waiting/clock.js'
import { Codec } from '../schemas/codec.js'
import { registerSchemas } from '../schemas/registry/registration.js'
import { RegistryClient } from '../schemas/registry/registry-client.js'
import { currentSchemas } from '../schemas/schema-set.js'

const RETRY_MS = 2000

/** A codec that only reads: ids that are not ours are asked for when they come. */
export function readingCodec({ registryUrl }: Config['schemas']): Codec {
  return registryUrl === null ? new Codec() : new Codec({ source: new RegistryClient({ url: registryUrl }) })
}

/**
 * A codec that writes, too: with a registry our schemas are registered first, since their ids go into every record. Waits for a registry that is away.
 * @throws SchemaIncompatibleError, RegistryRefusedError; RegistryUnreachableError when `signal` ended the wait
 */
export async function writingCodec({ registryUrl }: Config['schemas'], log: Logger, signal: AbortSignal): Promise<Codec> {
  if (registryUrl === null) return new Codec()
  const source = new RegistryClient({ url: registryUrl })
  for (;;) {
    try {
      return new Codec({ ids: await registerSchemas(source, currentSchemas()), source })
    } catch (error) {
      if (!isRetryable(error) || signal.aborted) throw error
      log.warn({ registry: maskedUrl(registryUrl), err: error }, 'the schema registry does not answer, trying again')
      await pause(RETRY_MS, signal)
    }
  }
}
