// Settings of membership kinds with a life that a test can wait for.
import { KIND_SETTINGS, type KindSettings, type MembershipKind } from '../../../processors/membership/membership-key.js'

/** The settings of every kind, with this life. */
export function shortLived(ttlMs: number): Record<MembershipKind, KindSettings> {
  return {
    facts: { ...KIND_SETTINGS.facts, ttlMs },
    cgroup: { ...KIND_SETTINGS.cgroup, ttlMs },
    path: { ...KIND_SETTINGS.path, ttlMs },
    process: { ...KIND_SETTINGS.process, ttlMs },
  }
}
