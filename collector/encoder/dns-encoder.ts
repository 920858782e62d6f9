// The field `dns` of a network event.
import type { AvroWriter } from '../../schemas/avro-writer.js'
import type { DnsMessage } from '../../schemas/generated/types.js'

/** Writes the union of null and DnsMessage. */
export function writeDns(writer: AvroWriter, message: DnsMessage | null): void {
  writer.int(message === null ? 0 : 1)
  if (message === null) return
  writer.boolean(message.isResponse)
  writer.text(message.questionName)
  writer.int(message.questionType)
  writer.int(message.responseCode === null ? 0 : 1)
  if (message.responseCode !== null) writer.int(message.responseCode)
  writer.blockStart(message.answers.length)
  for (const { name, type, ttlSeconds, value } of message.answers) {
    writer.text(name)
    writer.int(type)
    writer.long(ttlSeconds)
    writer.int(value === null ? 0 : 1)
    if (value !== null) writer.text(value)
  }
  writer.blockEnd()
  writer.boolean(message.answersTruncated)
}
