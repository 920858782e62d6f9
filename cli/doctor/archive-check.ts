// The check of the archive, if the settings name one: that objects can be written, read and removed where it is.
import { randomUUID } from 'node:crypto'
import { messageOf } from '../../infra/process/errors.js'
import { within } from '../../infra/waiting/clock.js'
import type { Config } from '../../infra/config/config-schema.js'
import { type CheckResult, ill, well } from './check.js'

const ANSWER_MS = 10_000
const FIX = 'correct archive.url and the settings beside it; docs/archive.md has examples'

/** Writes an object of a few bytes, reads it, and removes it. */
export async function checkArchive(config: Pick<Config, 'archive'>): Promise<readonly CheckResult[]> {
  if (config.archive.url === null) return []
  try {
    let found = ''
    const isInTime = await within(
      ANSWER_MS,
      tryStore(config).then((description) => (found = description)),
    )
    return [isInTime ? well('archive', found) : ill('archive', `no answer within ${String(ANSWER_MS)} ms`, FIX, 'warning')]
  } catch (error) {
    return [ill('archive', messageOf(error), FIX, 'warning')]
  }
}

async function tryStore(config: Pick<Config, 'archive'>): Promise<string> {
  const { openObjectStore } = await import('../../assembly/archive.js')
  const store = await openObjectStore(config)
  try {
    // One that is left behind is removed by `eunomia archive clean`.
    const name = `doctor/${randomUUID()}`
    const content = Buffer.from(name)
    await store.put(name, content)
    const read = await store.get(name)
    await store.remove(name)
    if (!content.equals(read)) throw new Error(`${store.description} gave other bytes than it got`)
    return `objects can be written and read: ${store.description}`
  } finally {
    await store.close()
  }
}
