// No address of the own network passes, in whatever form it is written, and the address that is checked is the one that is connected to.
import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { isPublicAddress, isRefusedLiteral, publicLookup } from '../../../../../processors/delivery/http/address-guard.js'

const PRIVATE = [
  ...[
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
  ],
  ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '::1', '::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1'],
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:1::1', 'not an address', ''],
]
const PUBLIC = ['1.1.1.1', '172.32.0.1', '172.15.0.1', '100.128.0.1', '192.169.0.1', '2606:4700:4700::1111', '2a00:1450:4001::1']

describe('the addresses that a sink may connect to', () => {
  it('are public ones', () => {
    assert.deepEqual(PRIVATE.filter(isPublicAddress), [])
    assert.deepEqual(PUBLIC.filter(isPublicAddress), PUBLIC)
  })

  it('are checked as the URL parser writes them, which reads numbers of any base', () => {
    for (const host of ['0x7f.1', '2130706433', '127.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254']) {
      assert.ok(isRefusedLiteral(new URL(`http://${host}/`).hostname), host)
    }
    assert.ok(!isRefusedLiteral('localhost'), 'a name is checked when it is resolved')
  })

  it('are those of the lookup of the connection itself, without the private ones', async () => {
    const found: LookupAddress[] = [
      { address: '10.0.0.1', family: 4 },
      { address: '1.1.1.1', family: 4 },
    ]
    assert.deepEqual(await look(found, true), [found[1]])
    assert.equal(await look(found, false), '1.1.1.1')
    await assert.rejects(look(found.slice(0, 1), true), /rebound\.example is a private, loopback or link-local address/)
  })
})

function look(found: LookupAddress[], all: boolean): Promise<unknown> {
  const resolve = ((_name: string, _options: unknown, done: (error: null, addresses: LookupAddress[]) => void) =>
    done(null, found)) as never
  return new Promise((settle, reject) => {
    publicLookup(resolve)('rebound.example', { all }, (error, address) => (error === null ? settle(address) : reject(error)))
  })
}
