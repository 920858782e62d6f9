// Real Redis with more than one server: a cluster of three masters, and a master with a replica and a sentinel. Both use free
// ports of this machine and a folder of the test.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../../infra/local/ports.js'
import { waitFor } from '../wait-for.js'
import { testServiceFolder } from './services.js'

const HOST = '127.0.0.1'

/** Servers that a test started. */
export class RedisTopology {
  readonly #processes = new Map<number, ChildProcess>()
  readonly #folder: string
  /** Of the servers, in the order of their start. */
  readonly ports: number[] = []
  /** Of the sentinel; 0 without one. */
  sentinelPort = 0

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Three masters that share the slots. */
  static async cluster(): Promise<RedisTopology> {
    const topology = new RedisTopology(await testServiceFolder('redis-cluster'))
    const busPorts = [await freePort(), await freePort(), await freePort()]
    for (const busPort of busPorts) {
      await topology.#server('--cluster-enabled', 'yes', '--cluster-port', String(busPort), '--cluster-node-timeout', '2000')
    }
    const [first = 0, ...others] = topology.ports
    for (const [index, port] of topology.ports.entries()) {
      const [from, to] = [Math.floor((16_384 * index) / 3), Math.floor((16_384 * (index + 1)) / 3) - 1]
      await topology.call(port, 'CLUSTER', 'ADDSLOTSRANGE', String(from), String(to))
    }
    for (const [index, port] of others.entries()) {
      await topology.call(first, 'CLUSTER', 'MEET', HOST, String(port), String(busPorts[index + 1]))
    }
    for (const port of topology.ports) {
      await waitFor('the cluster', async () => /cluster_state:ok/.test(String(await topology.call(port, 'CLUSTER', 'INFO'))))
      await waitFor('its nodes', async () => /cluster_known_nodes:3/.test(String(await topology.call(port, 'CLUSTER', 'INFO'))))
    }
    return topology
  }

  /** A master and a replica, and one sentinel that knows them as `main`. */
  static async sentinel(): Promise<RedisTopology> {
    const topology = new RedisTopology(await testServiceFolder('redis-sentinel'))
    const master = await topology.#server()
    const replica = await topology.#server('--replicaof', HOST, String(master))
    await waitFor('the replica', async () => /master_link_status:up/.test(String(await topology.call(replica, 'INFO', 'replication'))))
    topology.sentinelPort = await freePort()
    const file = join(topology.#folder, 'sentinel.conf')
    await writeFile(
      file,
      [
        `port ${String(topology.sentinelPort)}`,
        `bind ${HOST}`,
        `dir ${topology.#folder}`,
        `sentinel monitor main ${HOST} ${String(master)} 1`,
        'sentinel down-after-milliseconds main 1000',
        'sentinel failover-timeout main 4000',
        '',
      ].join('\n'),
    )
    await topology.#start(topology.sentinelPort, [file, '--sentinel'])
    await waitFor('the sentinel to know the replica', async () =>
      /slaves=1/.test(String(await topology.call(topology.sentinelPort, 'INFO', 'sentinel'))),
    )
    return topology
  }

  /** Kills a server. */
  async kill(port: number): Promise<void> {
    const child = this.#processes.get(port)
    if (child === undefined) return
    this.#processes.delete(port)
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async close(): Promise<void> {
    for (const port of [...this.#processes.keys()]) await this.kill(port)
  }

  /** Calls a command on one server. */
  async call(port: number, name: string, ...args: readonly string[]): Promise<unknown> {
    const client = new Redis({ host: HOST, port, lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: null, enableReadyCheck: false })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await client.call(name, ...args)
    } finally {
      client.disconnect()
    }
  }

  async #server(...args: readonly string[]): Promise<number> {
    const port = await freePort()
    const folder = join(this.#folder, String(port))
    await mkdir(folder)
    await this.#start(port, ['--port', String(port), '--bind', HOST, '--dir', folder, '--save', '', ...args])
    this.ports.push(port)
    return port
  }

  async #start(port: number, args: readonly string[]): Promise<void> {
    const child = spawn('redis-server', args, { stdio: 'ignore' })
    this.#processes.set(port, child)
    await waitFor(`Redis on port ${String(port)}`, async () => {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${String(child.exitCode)}: ${args.join(' ')}`)
      return (await this.call(port, 'PING').catch(() => null)) === 'PONG'
    })
  }
}
