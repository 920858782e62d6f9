// Who this host is: read once at the start, in every record.
// The host id comes from the state folder (infra/process/state-folder.ts); machine ids are cloned with images.
import { readFileSync } from 'node:fs'
import { hostname, release } from 'node:os'
import type { SourceFacts } from './event-source.js'

/** What a live source says of the kernel that runs. */
export function readHostFacts(possibleCpus: number): SourceFacts {
  return {
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
    hostName: hostname(),
    kernelRelease: release(),
    cpus: possibleCpus,
    isLive: true,
    bootToWallUs: null,
  }
}
