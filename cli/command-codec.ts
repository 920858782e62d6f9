// The codec of one command: fixed schema ids, or those of the registry of the settings.
import type { Config } from '../infra/config/config-schema.js'
import type { Logger } from '../infra/logger.js'
import { Codec } from '../schemas/codec.js'

/** Makes the codec. @throws RegistryUnreachableError */
export function codecOf(_config: Config, _log: Logger): Promise<Codec> {
  return Promise.resolve(new Codec())
}
