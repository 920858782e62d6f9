// Divides partitions among the members of a group. Topics with equal numbers of partitions are divided by partition number, so that one member
// has the same numbers of all of them and sees all events of a host. Members keep what they have if it is not more than their share, and what
// moves is given to nobody until its owner has joined without it (KIP-429).
import type { Subscription } from './subscription.js'

/** A member and what it subscribes to. */
export interface GroupMember extends Subscription {
  readonly memberId: string
}

type Assignment = Map<string, Map<string, number[]>>

/** A partition number of all topics that are divided together. */
interface Unit {
  readonly topics: readonly string[]
  readonly partition: number
}

/** Topics with the same number of partitions and the same readers. */
interface Cohort {
  readonly topics: string[]
  readonly partitions: number
  readonly members: readonly GroupMember[]
}

/**
 * The partitions of each member.
 * @param counts number of partitions by topic; a topic without is not assigned
 */
export function assignPartitions(members: readonly GroupMember[], counts: ReadonlyMap<string, number>): Assignment {
  const owners = ownersOf(members)
  const assignment: Assignment = new Map(members.map(({ memberId }) => [memberId, new Map()]))
  const load = new Map(members.map(({ memberId }) => [memberId, 0]))
  for (const cohort of cohortsOf(members, counts)) {
    for (const [unit, memberId] of divide(cohort, owners, load)) {
      load.set(memberId, (load.get(memberId) ?? 0) + unit.topics.length)
      const isHeld = unit.topics.some((topic) => (ownerIn(owners, topic, unit.partition) ?? memberId) !== memberId)
      if (isHeld) continue
      for (const topic of unit.topics) {
        const topics = assignment.get(memberId)
        const partitions = topics?.get(topic)
        if (partitions === undefined) topics?.set(topic, [unit.partition])
        else partitions.push(unit.partition)
      }
    }
  }
  return assignment
}

type Owners = ReadonlyMap<string, ReadonlyMap<number, GroupMember>>

function ownerIn(owners: Owners, topic: string, partition: number): string | undefined {
  return owners.get(topic)?.get(partition)?.memberId
}

/** Who holds a partition: of two, the one that got it in the later generation. */
function ownersOf(members: readonly GroupMember[]): Owners {
  const owners = new Map<string, Map<number, GroupMember>>()
  for (const member of members) {
    for (const [topic, partitions] of member.owned) {
      if (!member.topics.includes(topic)) continue
      const held = owners.get(topic) ?? new Map<number, GroupMember>()
      owners.set(topic, held)
      for (const partition of partitions) if (member.generation > (held.get(partition)?.generation ?? -2)) held.set(partition, member)
    }
  }
  return owners
}

/** The cohorts, those with most topics first. */
function cohortsOf(members: readonly GroupMember[], counts: ReadonlyMap<string, number>): Cohort[] {
  const cohorts = new Map<string, Cohort>()
  for (const topic of [...new Set(members.flatMap(({ topics }) => topics))].sort()) {
    const partitions = counts.get(topic) ?? 0
    const readers = members.filter(({ topics }) => topics.includes(topic)).sort(byId)
    const key = JSON.stringify([partitions, readers.map(({ memberId }) => memberId)])
    const cohort = cohorts.get(key)
    if (cohort === undefined) cohorts.set(key, { topics: [topic], partitions, members: readers })
    else cohort.topics.push(topic)
  }
  return [...cohorts.values()].sort((a, b) => b.topics.length - a.topics.length)
}

function byId(a: GroupMember, b: GroupMember): number {
  return a.memberId < b.memberId ? -1 : 1
}

/** The member of each unit of a cohort; shares differ by at most one. */
function divide({ topics, partitions, members }: Cohort, owners: Owners, load: ReadonlyMap<string, number>): Map<Unit, string> {
  const units = Array.from({ length: partitions }, (_, partition) => ({ topics, partition }))
  const kept = new Map(members.map(({ memberId }): [string, Unit[]] => [memberId, []]))
  const free: Unit[] = []
  for (const unit of units) {
    const owner = topics.map((topic) => ownerIn(owners, topic, unit.partition)).find((id) => id !== undefined)
    ;((owner === undefined ? undefined : kept.get(owner)) ?? free).push(unit)
  }
  // Whoever has most keeps one more if the shares are not equal; among equals, whoever has less of the other topics.
  const least = Math.floor(partitions / members.length)
  const ranked = [...kept].sort(([a, x], [b, y]) => y.length - x.length || (load.get(a) ?? 0) - (load.get(b) ?? 0))
  const shares = ranked.map(([memberId, own], rank) => ({ memberId, own, share: least + (rank < partitions % members.length ? 1 : 0) }))
  for (const { own, share } of shares) free.push(...own.splice(share))
  const divided = new Map<Unit, string>()
  for (const { memberId, own, share } of shares)
    for (const unit of [...own, ...free.splice(0, share - own.length)]) divided.set(unit, memberId)
  return divided
}
