// Holds of the archive over Kafka.
import { randomBytes } from 'node:crypto'
import { UsageError } from '../infra/process/errors.js'
import { Holds, type Hold } from '../processors/forensics/archive/holds.js'
import type { ArchiveEntry } from '../schemas/generated/types.js'
import { type ChangeAuthor, type StateContext, withState } from './state.js'

/** What nobody may remove. */
export type IsHeld = (entry: ArchiveEntry) => boolean

/** What nobody may remove now. @throws UsageError when a record of the state can't be read: it may be a hold */
export async function heldEntries(context: StateContext): Promise<IsHeld> {
  return await withState(new Holds(), context, (holds) => {
    if (holds.invalid > 0)
      throw new UsageError(
        `${String(holds.invalid)} records of eunomia.state.v1 can't be read, and may be holds: nothing is removed. The log names them`,
      )
    return Promise.resolve((entry: ArchiveEntry) => holds.isHeld(entry))
  })
}

/** The holds that last. */
export async function listHolds(context: StateContext): Promise<readonly Hold[]> {
  return await withState(new Holds(), context, (holds) => Promise.resolve(holds.all))
}

/** Adds a hold. @returns its id */
export async function addHold(context: StateContext, hold: Pick<Hold, 'topics' | 'fromUs' | 'toUs'>, by: ChangeAuthor): Promise<string> {
  const id = randomBytes(4).toString('hex')
  const { topics, fromUs, toUs } = hold
  const archiveHold = { topics: [...topics], fromUs, toUs }
  await withState(new Holds(), context, async (_, apply) => {
    await apply([{ action: 'hold_add', record: { kind: 'archiveHold', id, archiveHold }, before: null, after: { id, ...archiveHold } }], by)
  })
  return id
}

/** Ends a hold. @throws UsageError for one that does not last */
export async function endHold(context: StateContext, id: string, by: ChangeAuthor): Promise<void> {
  await withState(new Holds(), context, async (holds, apply) => {
    const before = holds.all.find((hold) => hold.id === id)
    if (before === undefined) throw new UsageError(`there is no hold ${id}; eunomia archive hold list shows them`)
    await apply([{ action: 'hold_end', record: { kind: 'archiveHold', id }, before, after: { id } }], by)
  })
}
