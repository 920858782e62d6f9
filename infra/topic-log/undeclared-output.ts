// A group's outputs go to the topics that it named, over every log: rights, and what a broker left open, are met by them.
import type { ConsumeOptions, OutputRecord } from './topic-log.js'

/** @throws TypeError for the first output that goes elsewhere */
export function refuseUndeclaredOutput({ group, outputs: declared }: ConsumeOptions, outputs: readonly OutputRecord[]): void {
  const stray = outputs.find(({ topic }) => declared?.includes(topic) === false)
  if (stray !== undefined) throw new TypeError(`the group ${group} has no outputs for the topic ${stray.topic}`)
}
