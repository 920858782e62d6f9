// Corpora and acceptance vectors of others live outside of the checkout: EUNOMIA_SHARED, or ../shared next to the checkout.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../infra/process/package-root.js'

/** Path of a file or folder below the shared folder; null where it is absent, so that a test can skip with a plain message. */
export function sharedPath(...parts: string[]): string | null {
  const path = join(process.env['EUNOMIA_SHARED'] ?? join(packageRoot(), '..', 'shared'), ...parts)
  return existsSync(path) ? path : null
}
