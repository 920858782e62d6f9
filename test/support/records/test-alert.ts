// An alert for tests of output and delivery: a read of /etc/shadow in a container, with every possible field set.
import type { Alert, Origin } from '../../../schemas/generated/types.js'
import { sampleProcess } from './sample-records.js'

const CONTAINER_ID = '0123456789abcdef'.repeat(4)

const origin: Origin = {
  hostId: '6f1cf2a4-1111-4222-8333-444455556666',
  hostName: 'node-1',
  bootId: 'b0b0b0b0-1111-4222-8333-444455556666',
  epoch: 1_700_000_000_000_000,
  cpu: 1,
  seq: 77,
  bootTimeUs: 12_345_678,
  wallTimeUs: 1_700_000_001_123_456,
}

const process = sampleProcess({
  containerId: CONTAINER_ID,
  containerClaim: CONTAINER_ID,
  ancestors: [
    { pid: 4200, startBootUs: 11_000_000, name: 'sh', exe: 'sh', exePath: '/bin/sh', exeFlags: 0, program: null },
    {
      pid: 4100,
      startBootUs: 10_000_000,
      name: 'containerd-shim',
      exe: 'containerd-shim-runc-v2',
      exePath: null,
      exeFlags: 0,
      program: null,
    },
  ],
  parentArgs: ['sh'],
  startBootUs: 12_000_000,
  cgroupPath: `/docker/${CONTAINER_ID}`,
})

/** The alert, with `changes`. */
export function testAlert(changes: Partial<Alert> = {}): Alert {
  return {
    alertId: 'a1'.repeat(16),
    rule: 'Credential file read',
    ruleId: 'Credential file read',
    ruleVersion: '0011223344556677',
    ruleSetHash: '8899aabbccddeeff',
    priority: 'warning',
    language: 'falco',
    tags: ['file'],
    author: null,
    references: [],
    output: 'Credential file read (file=/etc/shadow)',
    outputFields: { 'fd.name': '/etc/shadow' },
    facts: 'complete',
    eventTopic: 'eunomia.file.v1',
    eventType: 'openat',
    origin,
    process,
    path: '/etc/shadow',
    containerId: CONTAINER_ID,
    container: {
      name: 'web',
      image: 'nginx:1.25',
      imageRepository: 'nginx',
      imageTag: '1.25',
      imageId: null,
      imageDigest: null,
      labels: {},
      isPrivileged: false,
      mounts: [],
      createdAtUs: 1_700_000_000_000_000,
      pod: null,
    },
    network: null,
    kernel: null,
    correlation: null,
    ...changes,
  }
}
