// Encode, decode and projected decode of a file event, records per second on one core; avsc, the usual library, next to it as the base.
// Medians of several runs. Prints one JSON line per figure.
import avsc from 'avsc'
import { AvroWriter } from '../../schemas/avro-writer.js'
import { Codec } from '../../schemas/codec.js'
import { currentSchemas } from '../../schemas/schema-set.js'
import { HEADER_BYTES } from '../../schemas/wire-format.js'
import { sampleFileEvent } from '../support/records/sample-records.js'

const RUNS = 7
const RECORDS = 100_000

interface Figure {
  readonly name: string
  readonly run: () => void
}

function recordsPerSecond(run: () => void): number {
  for (let index = 0; index < RECORDS / 4; index++) run()
  const rates: number[] = []
  for (let round = 0; round < RUNS; round++) {
    const before = process.cpuUsage()
    for (let index = 0; index < RECORDS; index++) run()
    const used = process.cpuUsage(before)
    rates.push(RECORDS / ((used.user + used.system) / 1e6))
  }
  return rates.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0
}

const codec = new Codec()
const event = sampleFileEvent()
const value = codec.encode('file', event)
const body = Buffer.from(value.subarray(HEADER_BYTES))
const writer = new AvroWriter(65_536)
const some = codec.projection('file', ['type', 'path', 'isWrite', 'process.name', 'process.containerId'])
const type = avsc.Type.forSchema(currentSchemas().get('file')?.json as avsc.Schema)
const scratch = Buffer.alloc(65_536)
const avscRecord: unknown = type.fromBuffer(body)

const figures: readonly Figure[] = [
  {
    name: 'encode',
    run: () => {
      writer.reset()
      codec.write('file', event, writer)
    },
  },
  { name: 'decode', run: () => codec.decode('file', value, 0, value.length) },
  { name: 'projected decode, 5 fields', run: () => some(value, 0, value.length) },
  { name: 'avsc encode', run: () => type.encode(avscRecord, scratch, 0) },
  { name: 'avsc decode', run: () => type.decode(body, 0) },
]
for (const { name, run } of figures) {
  const rate = recordsPerSecond(run)
  process.stdout.write(`${JSON.stringify({ bench: 'codec', figure: name, bytes: value.length, recordsPerCpuSecond: Math.round(rate) })}\n`)
}
