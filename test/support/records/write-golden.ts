// Writes the .hex files of golden records from their .json files, for versions that are not released yet:
// node dist/test/support/records/write-golden.js. The bytes come from reference-avro.ts, not from the codec that they test.
import { writeFileSync } from 'node:fs'
import { RELEASED_VERSION } from '../../../schemas/ids.js'
import { storedSchemas } from '../../../schemas/schema-set.js'
import { goldenPath, goldenRecord } from './golden-records.js'
import { referenceBytes } from './reference-avro.js'

for (const { topic, version, schema } of storedSchemas()) {
  if (version <= RELEASED_VERSION[topic]) continue
  const hex = Buffer.from(referenceBytes(schema, goldenRecord(topic, version))).toString('hex')
  writeFileSync(goldenPath(topic, version, 'hex'), `${hex.replace(/.{1,120}/g, '$&\n')}`)
  process.stdout.write(`wrote ${goldenPath(topic, version, 'hex')}\n`)
}
