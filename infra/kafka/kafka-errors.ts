// The errors of Kafka in classes by the remedy: wait, grant access, create a topic, yield to another member, name the instances apart.
// Every error of kafkajs becomes one of them.
import { EunomiaError, messageOf } from '../process/errors.js'

/** No broker answers, or the cluster is not ready yet. The same call may succeed later. */
export class KafkaUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_UNREACHABLE'
  static override readonly isRetryable = true
}

/** The broker refuses the client: login, certificate or access rights. */
export class KafkaRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_REFUSED'
}

/** A topic is missing, or differs from its specification. */
export class KafkaTopicError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_TOPIC'
}

/** Another group member has taken over the partition. The outputs of the batch are dropped, and the other member produces them again. */
export class KafkaFencedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_FENCED'
  static override readonly isRetryable = true
}

/** Another process has joined the group as the same instance: it has the partitions now. */
export class KafkaInstanceError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_INSTANCE'
}

// Names of errors of Kafka and kafkajs by class. Everything else is a transient state of the cluster.
const REFUSED = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'KafkaJSSASLAuthenticationError',
  'INVALID_GROUP_ID',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_SESSION_TIMEOUT',
  'GROUP_MAX_SIZE_REACHED',
  'UNSUPPORTED_VERSION',
  'INVALID_REQUEST',
  'INVALID_TRANSACTION_TIMEOUT',
  'SECURITY_DISABLED',
  'KafkaJSNotImplemented',
  'POLICY_VIOLATION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
])
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING', 'TRANSACTION_COORDINATOR_FENCED'])
const TOPIC = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])

/** Types and names of a kafkajs error and of the errors that it wraps, outermost first. */
function labelsOf(error: unknown): string[] {
  const labels: string[] = []
  let current = error
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    const { type, name, errors, cause } = current as { type?: unknown; name?: unknown; errors?: unknown; cause?: unknown }
    if (typeof type === 'string') labels.push(type)
    if (typeof name === 'string') labels.push(name)
    current = Array.isArray(errors) ? errors[0] : cause
  }
  return labels
}

/** True if a kafkajs error, or one that it wraps, has one of these types or names. */
export function hasKafkaLabel(error: unknown, ...labels: readonly string[]): boolean {
  return labelsOf(error).some((label) => labels.includes(label))
}

/**
 * Converts an error of kafkajs.
 * @param what the failure, as the beginning of the message: "topics of 127.0.0.1:9092 can't be read"
 */
export function kafkaErrorOf(cause: unknown, what: string): EunomiaError {
  if (cause instanceof EunomiaError) return cause
  const labels = labelsOf(cause)
  const message = `${what}: ${messageOf(cause)}`
  if (labels.some((label) => REFUSED.has(label))) return new KafkaRefusedError(message, { cause })
  if (labels.some((label) => FENCED.has(label))) return new KafkaFencedError(message, { cause })
  if (labels.some((label) => TOPIC.has(label))) return new KafkaTopicError(message, { cause })
  return new KafkaUnreachableError(message, { cause })
}
