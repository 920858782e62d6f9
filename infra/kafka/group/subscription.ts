// What members tell their leader and it tells them, in the format of Kafka's own consumers, which its tools print: the topics and partitions
// of a member, and its assignment.
// See ConsumerProtocolSubscription.json (version 2) and ConsumerProtocolAssignment.json (version 0) of Kafka.
import { WireReader, WireWriter } from '../wire.js'

/** Partitions by the name of their topic. */
export type Partitions = ReadonlyMap<string, readonly number[]>

/** What a member reads. */
export interface Subscription {
  readonly topics: readonly string[]
  /** What it holds. Nobody else gets any of it before it joins without. */
  readonly owned: Partitions
  /** Generation of the group in which it got them; -1 for none. */
  readonly generation: number
}

/** What a member gets. */
export interface MemberAssignment {
  readonly partitions: Partitions
  /** It held more when it joined: nobody reads that before it joins again. */
  readonly isGiving: boolean
}

const SUBSCRIPTION_VERSION = 2
const GENERATION_SINCE = 2
const OWNED_SINCE = 1
const ASSIGNMENT_VERSION = 0
/** User data of an assignment with `isGiving`. */
const GIVING = Buffer.from('giving')

export function encodeSubscription({ topics, owned, generation }: Subscription): Buffer {
  const writer = new WireWriter().int16(SUBSCRIPTION_VERSION)
  writer.array(topics, (topic) => writer.text(topic)).bytes(null)
  return writePartitions(writer, owned).int32(generation).take()
}

/** Reads the subscription of any version: later ones only add fields. @throws RangeError if it is truncated */
export function decodeSubscription(bytes: Buffer): Subscription {
  const reader = new WireReader(bytes)
  const version = reader.int16()
  const topics = reader.array(() => reader.text())
  reader.bytes()
  const owned: Partitions = version >= OWNED_SINCE ? readPartitions(reader) : new Map()
  return { topics, owned, generation: version >= GENERATION_SINCE ? reader.int32() : -1 }
}

export function encodeAssignment({ partitions, isGiving }: MemberAssignment): Buffer {
  return writePartitions(new WireWriter().int16(ASSIGNMENT_VERSION), partitions)
    .bytes(isGiving ? GIVING : null)
    .take()
}

/** Reads an assignment; empty bytes, which a member without partitions may get, are none. @throws RangeError if it is truncated */
export function decodeAssignment(bytes: Buffer): MemberAssignment {
  if (bytes.length === 0) return { partitions: new Map(), isGiving: false }
  const reader = new WireReader(bytes).skip(2)
  return { partitions: readPartitions(reader), isGiving: reader.bytes().equals(GIVING) }
}

function writePartitions(writer: WireWriter, partitions: Partitions): WireWriter {
  return writer.array([...partitions], ([topic, numbers]) => writer.text(topic).array(numbers, (number) => writer.int32(number)))
}

function readPartitions(reader: WireReader): Map<string, number[]> {
  return new Map(reader.array(() => [reader.text(), reader.array(() => reader.int32())]))
}
