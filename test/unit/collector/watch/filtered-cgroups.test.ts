import assert from 'node:assert/strict'
import { eventFiltersOf } from '../../../../collector/watch/event-filters.js'
import { leftOutCgroups, type CgroupSource, type FilterableCgroup } from '../../../../collector/watch/filtered-cgroups.js'

const WEB = 'a'.repeat(64)
const NAMELESS = 'b'.repeat(64)
const cgroup = (cgroupId: bigint, claim: string | null, containerId: string | null): FilterableCgroup => ({
  kind: 'v2',
  cgroupId,
  membership: { claim, containerId },
})
const HOST = cgroup(1n, null, null)
const OF_WEB = cgroup(2n, WEB, WEB)
const BELOW_WEB = cgroup(3n, null, WEB)
const ONLY_CLAIMED = cgroup(4n, WEB, null)
const OF_NAMELESS = cgroup(5n, NAMELESS, NAMELESS)
const SOURCE: CgroupSource = {
  cgroups: () => [HOST, OF_WEB, BELOW_WEB, ONLY_CLAIMED, OF_NAMELESS],
  nameOf: (id) => (id === WEB ? 'web' : null),
}

describe('cgroups that filters by container leave out', () => {
  const leftOut = (only: string[], except: string[]): bigint[] =>
    leftOutCgroups(
      eventFiltersOf(
        only.map((name) => `container=${name}`),
        except.map((name) => `container=${name}`),
        'all',
      ),
      SOURCE,
    ).map(({ cgroupId }) => cgroupId)

  for (const [what, only, except, expected] of [
    ['none without a filter', [], [], []],
    ['those of a name, with all below', [], ['web'], [2n, 3n]],
    ['those of the beginning of an id', [], ['aaaaaa'], [2n, 3n]],
    ['none by fewer than six digits', [], ['aaaaa'], []],
    ['what is in none', [], ['host'], [1n]],
    ['all others for sure, when a name alone is told: what is nameless or only claimed may be it', ['web'], [], [1n]],
    ['all others, when an id that has no name yet is told', [NAMELESS], [], [1n, 2n, 3n]],
    ['every container that is known, when the host alone is told', ['host'], [], [2n, 3n]],
    ['what is excepted of what alone is told', ['web', 'host'], ['web'], [2n, 3n]],
  ] as const) {
    it(`are ${what}`, () => {
      assert.deepEqual(leftOut([...only], [...except]), [...expected])
    })
  }
})
