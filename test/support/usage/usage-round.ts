// A round of a reader of usage tables, as a test wants it.
import type { UsageRound } from '../../../collector/usage/usage-reader.js'
import { OwnerFacts } from '../../../collector/usage/usage-owner.js'
import { FakeContainerIndex } from '../fakes/fake-container-index.js'

/** A round over tables; everything is selected and emitted, and no process is known. */
export function usageRound(
  tables: Readonly<Record<string, Buffer>>,
  change: Partial<UsageRound> & { readonly overflow?: readonly number[]; readonly containers?: FakeContainerIndex } = {},
): UsageRound {
  const { overflow = [], containers = new FakeContainerIndex(), ...others } = change
  return {
    reading: { tables, overflow, recursionMisses: 0 },
    interval: { startBootUs: 1_000_000, endBootUs: 2_000_000 },
    facts: new OwnerFacts({ find: () => null }, containers),
    filter: { pids: [], containers: [] },
    top: 100,
    ...others,
  }
}
