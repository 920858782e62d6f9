// The codec of one command, with the fixed schema ids or with those of the configured registry.
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

/** A codec that only reads. It requests unknown schema ids from the registry when they occur. */
export function readingCodec({ registryUrl }: Config['schemas']): Codec {
  return registryUrl === null ? new Codec() : new Codec({ source: new RegistryClient({ url: registryUrl }) })
}

/**
 * A codec that also writes. With a registry, it registers our schemas first, because every record carries their ids. Waits for an unavailable registry.
 * @throws SchemaIncompatibleError, RegistryRefusedError; RegistryUnreachableError if `signal` ended the wait
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
