// Standard streams are those of the moment, not of the exec: a copy onto one makes the probes read all again. Pipes are counted. Needs root.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { KIND } from '../../../native/generated/layout.js'
import type { FileEvent } from '../../../schemas/generated/types.js'
import { eventsOfWorkload } from '../../support/load/watched-workload.js'
import { skipBecause } from '../../support/runner/skip-because.js'
import { Workloads } from '../native/workload.js'

const LOOPBACK = '127.0.0.1'

describe('standard streams that a program changes after its start', () => {
  const workloads = new Workloads()
  const server = createServer((socket) => socket.on('error', () => undefined).resume())
  let port = 0
  let opens: readonly FileEvent[] = []
  let pipes = 0

  before(async function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    server.listen(0, LOOPBACK)
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    const file = join(workloads.folder, 'secret')
    writeFileSync(file, '')
    const { file: files, suppressed } = await eventsOfWorkload(workloads, 'attacks/late-streams', [String(port), file])
    opens = files.filter(({ type, path }) => type === 'open' && path === file)
    pipes = suppressed(KIND.pipe)
  })
  after(() => {
    server.close()
    workloads.close()
  })

  it('are in its events from then on, and in those of its children', () => {
    const streams = opens.map(({ process: { stdin, stdout, stderr } }) => [stdin?.type, stdout?.type, stderr?.type])
    assert.equal(streams.length, 3)
    assert.notEqual(streams[0]?.[0], 'ipv4')
    assert.deepEqual(
      streams.slice(1).map(([stdin, stdout]) => [stdin, stdout]),
      [
        ['ipv4', 'ipv4'],
        ['ipv4', 'ipv4'],
      ],
    )
    assert.equal(streams[1]?.[2], streams[0]?.[2])
    for (const { process: changed } of opens.slice(1)) assert(changed.stdin?.name?.endsWith(`->${LOOPBACK}:${String(port)}`))
  })

  it('leave the program what it was', () => {
    assert.deepEqual(
      opens.map(({ process: { name, exePath } }) => [name, exePath]),
      opens.map(() => ['late-streams', workloads.program('attacks/late-streams')]),
    )
  })

  it('that are pipes are counted when they are made', () => {
    assert(pipes >= 2, String(pipes))
  })
})
