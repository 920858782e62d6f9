/** A partition of a topic as the key of a map. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}/${String(partition)}`
}
