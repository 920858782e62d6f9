// The errors of Kafka in four classes by what to do: wait, grant a right, create a topic, step aside.
// Whatever kafkajs throws becomes one of them at the edge.
import { EunomiaError, messageOf } from '../process/errors.js'

/** No broker answers, or the cluster is not ready yet. The same call may succeed later. */
export class KafkaUnreachableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_UNREACHABLE'
  static override readonly isRetryable = true
}

/** The broker refuses us: name, password, certificate or access rights. */
export class KafkaRefusedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_REFUSED'
}

/** A topic is missing, or differs from its specification. */
export class KafkaTopicError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_TOPIC'
}

/** Another member of the group has taken over this partition: the outputs of the batch are dropped, and the other member produces them again. */
export class KafkaFencedError extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_FENCED'
  static override readonly isRetryable = true
}

// Names of Kafka's errors (and kafkajs' own) by what they mean for us; everything else is a passing state of the cluster.
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
  'KafkaJSNotImplemented',
  'POLICY_VIOLATION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_CONFIG',
])
const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING', 'TRANSACTION_COORDINATOR_FENCED'])
const TOPIC = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])

/** Types and names of a kafkajs error and of what it wraps, outermost first. */
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

/** True when kafkajs' error, or one that it wraps, has one of these types or names. */
export function hasKafkaLabel(error: unknown, ...labels: readonly string[]): boolean {
  return labelsOf(error).some((label) => labels.includes(label))
}

/**
 * Turns what kafkajs threw into one of ours.
 * @param what what was tried, as the beginning of a sentence: "topics of 127.0.0.1:9092 can't be read"
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
