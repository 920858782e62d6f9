// Sockets in the bytes of a record.
import assert from 'node:assert/strict'
import type { NetworkEvent } from '../../../../../schemas/generated/types.js'
import { sampleNetworkEvent } from '../../../../support/records/sample-network-event.js'
import { shownValue, type Shown } from '../../../../support/rules/shown-value.js'

describe('sockets in bytes', () => {
  const CLIENT = { remoteAddress: '203.0.113.7', remotePort: 443, localAddress: '172.17.0.2', localPort: 40_312, isServer: false }
  // The length of an address, and its bytes.
  const REMOTE = '\x04\xcb\x00\x71\x07'
  const LOCAL = '\x04\xac\x11\x00\x02'
  const CASES: readonly (readonly [field: string, change: Partial<NetworkEvent>, shown: Shown])[] = [
    ['fd.sip', CLIENT, [REMOTE]],
    ['fd.cip', CLIENT, [LOCAL]],
    ['fd.sip', { ...CLIENT, isServer: true }, [LOCAL]],
    ['fd.ip', CLIENT, [LOCAL, REMOTE]],
    ['fd.rip', { ...CLIENT, remoteAddress: null }, 'absent'],
    ['fd.rip', { ...CLIENT, family: 1 }, 'absent'],
    ['fd.rip', { ...CLIENT, family: null }, 'absent'],
    ['fd.rip', { ...CLIENT, remoteAddress: '203.0.113.07' }, 'absent'],
    ['fd.rip', { ...CLIENT, remoteAddress: '203.0.113' }, 'absent'],
    ['fd.rip', { ...CLIENT, remoteAddress: '203.0.113.256' }, 'absent'],
    ['fd.rip', { ...CLIENT, remoteAddress: '203.0.113.7.1' }, 'absent'],
    ['fd.rip', { family: 10, remoteAddress: '::ffff' }, [`\x10${'\0'.repeat(14)}\xff\xff`]],
    ['fd.rip', { family: 10, remoteAddress: '::ffff:1.2.3.4' }, [`\x10${'\0'.repeat(10)}\xff\xff\x01\x02\x03\x04`]],
    ['fd.sport', CLIENT, [443]],
    ['fd.cport', CLIENT, [40_312]],
    ['fd.lport', CLIENT, [40_312]],
    ['fd.rport', { ...CLIENT, remotePort: null }, 'absent'],
    ['fd.port', CLIENT, [40_312, 443]],
    ['fd.typechar', { family: 2 }, ['4']],
    ['fd.typechar', { family: 1 }, ['u']],
    ['fd.typechar', { family: 10, remoteAddress: 'fd00:8::17' }, ['6']],
    ['fd.typechar', { family: 10, remoteAddress: '10.0.0.1' }, ['4']],
    ['fd.sockfamily', { family: 2 }, ['ip']],
    ['fd.l4proto', { family: 2, protocol: 6, socketType: 1 }, ['tcp']],
    ['fd.l4proto', { family: 1 }, 'absent'],
  ]
  for (const [field, change, shown] of CASES)
    it(`${field} of ${JSON.stringify(change)}`, () => {
      assert.deepEqual(shownValue(field, { topic: 'network', record: sampleNetworkEvent(change) }), shown)
    })
})
