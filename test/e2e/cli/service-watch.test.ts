// A collector under a service manager: it reports its start, that it polls the rings, and its end, over a real socket. Needs root.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { skipBecause } from '../../support/runner/skip-because.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { waitFor } from '../../support/wait-for.js'
import { Workloads } from '../native/workload.js'

const NO_RUNTIMES = { EUNOMIA_COLLECTOR_DOCKER_SOCKETS: '', EUNOMIA_COLLECTOR_CONTAINERD_SOCKETS: '' }

describe('a collector that a service manager watches over', () => {
  let workloads: Workloads
  let manager: ChildProcess | undefined
  let eunomia: EunomiaProcess | undefined
  before(function () {
    if (process.getuid?.() !== 0) skipBecause(this, 'needs root')
    workloads = new Workloads()
  })
  after(async () => {
    manager?.kill('SIGKILL')
    await eunomia?.kill()
    workloads?.close()
  })

  it('reports its start once it collects, then progress, then its end', async () => {
    const socket = join(workloads.folder, 'notify')
    manager = spawn(workloads.program('notify-socket'), [socket], { stdio: ['ignore', 'pipe', 'inherit'] })
    let heard = ''
    manager.stdout?.setEncoding('utf8').on('data', (text: string) => (heard += text))
    const count = (line: string): number => heard.split('\n').filter((text) => text === line).length
    await waitFor('the socket', () => count('bound') === 1)
    eunomia = new EunomiaProcess(['collect', '--output', 'json', '--kind', 'kernel'], {
      ...NO_RUNTIMES,
      EUNOMIA_STATE_FOLDER: join(workloads.folder, 'state'),
      NOTIFY_SOCKET: socket,
      WATCHDOG_USEC: '300000',
    })
    await eunomia.until('progress', () => count('WATCHDOG=1') > 3)
    assert.equal(heard.split('\n')[1], 'READY=1')
    assert.match(eunomia.stderr, /"msg":"collecting"/)
    assert.equal(await eunomia.end('SIGTERM'), 0, eunomia.stderr)
    await waitFor('the end', () => count('STOPPING=1') === 1)
    assert.equal(count('READY=1'), 1)
  })
})
