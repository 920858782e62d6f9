// How a schema registry fails. Messages name the server and the path asked for, never credentials.
import { EunomiaError } from '../../infra/process/errors.js'

/** The registry can't be reached, or is not able to answer at the moment. */
export class RegistryUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGISTRY_UNREACHABLE'
  static override readonly isRetryable = true
}

/** The registry answered, and said no: credentials, rights, or a request that it does not take. */
export class RegistryRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGISTRY_REFUSED'
  static override readonly isUserMistake = true
}

/** The registry holds versions that the schema is not compatible with. */
export class SchemaIncompatibleError extends EunomiaError {
  static override readonly code = 'EUNOMIA_SCHEMA_INCOMPATIBLE'
  static override readonly isUserMistake = true
}
