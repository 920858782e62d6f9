// Converts events to the Avro bytes of their topic and back, as benches read them from a log.
import type { RuleRecord, RuleTopic } from '../../../processors/rule-engine/fields/rule-event.js'
import type { Codec } from '../../../schemas/codec.js'

export function encodedEvent(codec: Codec, event: RuleRecord): Uint8Array {
  switch (event.topic) {
    case 'process':
      return codec.encode('process', event.record)
    case 'file':
      return codec.encode('file', event.record)
    case 'network':
      return codec.encode('network', event.record)
    case 'kernel':
      return codec.encode('kernel', event.record)
  }
}

export function decodedEvent(codec: Codec, topic: RuleTopic, bytes: Uint8Array, start = 0, end: number = bytes.length): RuleRecord {
  switch (topic) {
    case 'process':
      return { topic, record: codec.decode('process', bytes, start, end) }
    case 'file':
      return { topic, record: codec.decode('file', bytes, start, end) }
    case 'network':
      return { topic, record: codec.decode('network', bytes, start, end) }
    case 'kernel':
      return { topic, record: codec.decode('kernel', bytes, start, end) }
  }
}

/** The same, but fields are decoded when they are read. */
export function viewedEvent(codec: Codec, topic: RuleTopic, bytes: Uint8Array, start = 0, end: number = bytes.length): RuleRecord {
  switch (topic) {
    case 'process':
      return { topic, record: codec.view('process', bytes, start, end) }
    case 'file':
      return { topic, record: codec.view('file', bytes, start, end) }
    case 'network':
      return { topic, record: codec.view('network', bytes, start, end) }
    case 'kernel':
      return { topic, record: codec.view('kernel', bytes, start, end) }
  }
}
