// The partition of a key, the same as in Kafka's own clients, so that all records of a host are in one partition, whoever writes them.
// Called for every published record.

const SEED = 0x9747b28c
const M = 0x5bd1e995

/**
 * Kafka's variant of murmur2 (32 bits).
 * @see https://github.com/apache/kafka/blob/4.0/clients/src/main/java/org/apache/kafka/common/utils/Utils.java (murmur2)
 */
export function murmur2(key: Uint8Array): number {
  const length = key.length
  let h = SEED ^ length
  let i = 0
  for (; i + 4 <= length; i += 4) {
    let k = byteAt(key, i) | (byteAt(key, i + 1) << 8) | (byteAt(key, i + 2) << 16) | (byteAt(key, i + 3) << 24)
    k = Math.imul(k, M)
    k = Math.imul(k ^ (k >>> 24), M)
    h = Math.imul(h, M) ^ k
  }
  const rest = length - i
  if (rest >= 3) h ^= byteAt(key, i + 2) << 16
  if (rest >= 2) h ^= byteAt(key, i + 1) << 8
  if (rest >= 1) h = Math.imul(h ^ byteAt(key, i), M)
  h = Math.imul(h ^ (h >>> 13), M)
  return h ^ (h >>> 15)
}

/** Partition of a key among `partitions`, as Kafka's default partitioner for records with a key. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

// All reads are within the length; the fallback only satisfies the type.
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

/** A partition of a topic as the key of a map. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${String(partition)}`
}
