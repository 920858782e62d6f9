// A Docker daemon of the test run's own: temp folders, its own socket, a busybox image; started once per mocha run, stopped by pid.
// Needs root, dockerd and busybox-static. Coexists with the host's Docker (if any) and with other runs.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeBusyboxTar } from './busybox-image.js'
import { removeDaemonFolder, removeLeftovers, FOLDER_PREFIX } from './docker-leftovers.js'
import { waitFor } from '../wait-for.js'

const execFileAsync = promisify(execFile)
const READY_MS = 60_000

/** Image that the daemon has; every busybox applet is linked in it, and /etc/passwd and /etc/shadow exist. */
export const BUSYBOX_IMAGE = 'eunomia-test/busybox:1.0'

/** A running daemon. */
export class TestDocker {
  /** Holds everything of this daemon; removed by `stop`. */
  readonly folder: string
  readonly socketPath: string
  private readonly daemonArgs: readonly string[]
  private daemon: ChildProcess | null = null

  constructor(folder: string, daemonArgs: readonly string[]) {
    this.folder = folder
    this.daemonArgs = daemonArgs
    this.socketPath = join(folder, 'docker.sock')
  }

  /** Starts the daemon on this folder; again after `kill` or `stopDaemon`. It finds containers that kept running. */
  async startDaemon(): Promise<void> {
    rmSync(join(this.folder, 'docker.pid'), { force: true })
    const logFile = openSync(join(this.folder, 'dockerd.log'), 'a')
    const daemon = spawn(
      'dockerd',
      [
        ...['--iptables=false', '--ip6tables=false', '--bridge=none', '--live-restore', '--exec-opt', 'native.cgroupdriver=cgroupfs'],
        ...['--data-root', join(this.folder, 'data'), '--exec-root', join(this.folder, 'exec')],
        ...['--pidfile', join(this.folder, 'docker.pid'), '-H', `unix://${this.socketPath}`],
        ...this.daemonArgs,
      ],
      { stdio: ['ignore', logFile, logFile] },
    )
    closeSync(logFile)
    this.daemon = daemon
    await waitFor(
      'dockerd answers a ping',
      () => {
        if (daemon.exitCode !== null || daemon.signalCode !== null) throw new Error(`dockerd ended:\n${this.log()}`)
        return ping(this.socketPath)
      },
      { quietMs: READY_MS },
    )
  }

  /** Kills the daemon and its containerd with SIGKILL; containers keep running under their shims. */
  async killDaemon(): Promise<void> {
    await this.endDaemon('SIGKILL')
    // A new daemon takes some 10 s to give up the containerd of the old one.
    const pidFile = join(this.folder, 'exec', 'containerd', 'containerd.pid')
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    rmSync(pidFile, { force: true })
  }

  /** Stops the daemon cleanly. Containers keep running (live restore). */
  async stopDaemon(): Promise<void> {
    await this.endDaemon('SIGTERM')
  }

  private async endDaemon(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.daemon
    this.daemon = null
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return
    const ended = new Promise((resolve) => daemon.once('exit', resolve))
    daemon.kill(signal)
    await ended
  }

  /** Runs the docker client against this daemon. @returns its standard output, trimmed. Rejects with stderr when it fails. */
  async docker(...args: string[]): Promise<string> {
    const { stdout } = await execFileAsync('docker', ['-H', `unix://${this.socketPath}`, ...args], { maxBuffer: 64 << 20 })
    return stdout.trim()
  }

  /** Starts a detached container of BUSYBOX_IMAGE without network. @returns its full id. `options` come before the image. */
  async runDetached(options: readonly string[], command: readonly string[]): Promise<string> {
    return this.docker('run', '-d', '--network', 'none', ...options, BUSYBOX_IMAGE, ...command)
  }

  /** Runs a container of BUSYBOX_IMAGE without network to its end. @returns its output. A failing command rejects. */
  async run(options: readonly string[], command: readonly string[]): Promise<string> {
    return this.docker('run', '--network', 'none', ...options, BUSYBOX_IMAGE, ...command)
  }

  /** Last lines of the daemon's log. */
  log(): string {
    const file = join(this.folder, 'dockerd.log')
    return existsSync(file) ? readFileSync(file, 'utf8').slice(-4000) : ''
  }

  /** Removes all containers, ends the daemon and its containerd, and removes the folder. */
  async stop(): Promise<void> {
    if (this.daemon !== null) {
      const ids = (await this.docker('ps', '-aq').catch(() => '')).split('\n').filter((id) => id !== '')
      if (ids.length > 0) await this.docker('rm', '-f', ...ids).catch(() => '')
      await this.stopDaemon()
    }
    removeDaemonFolder(this.folder)
  }
}

/** Creates a daemon with the busybox image. Prefer `useDocker`; create one yourself only to kill and restart it, or for other arguments. */
export async function startTestDocker(daemonArgs: readonly string[] = []): Promise<TestDocker> {
  removeLeftovers()
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX))
  writeFileSync(join(folder, 'owner'), String(process.pid))
  mkdirSync(join(folder, 'image'))
  const docker = new TestDocker(folder, daemonArgs)
  try {
    await docker.startDaemon()
    const tar = await makeBusyboxTar(join(folder, 'image'))
    await docker.docker('import', tar, BUSYBOX_IMAGE)
  } catch (error) {
    await docker.stop()
    throw error
  }
  return docker
}

let shared: Promise<TestDocker> | null = null

/**
 * Call it in a `describe`. The first caller starts the daemon of this mocha run before its tests; the daemon stops after the last test of
 * the run. Returns a getter for use in tests and hooks.
 */
export function useDocker(): () => TestDocker {
  let docker: TestDocker | null = null
  before(async function () {
    this.timeout(60_000)
    if (shared === null) {
      let root = this.test?.parent
      while (root?.parent) root = root.parent
      root?.afterAll('stop the shared Docker daemon', async function () {
        this.timeout(60_000)
        const last = shared
        shared = null
        await (await last)?.stop()
      })
      shared = startTestDocker()
    }
    docker = await shared
  })
  return () => {
    if (docker === null) throw new Error('useDocker: ask for the daemon inside tests and hooks only')
    return docker
  }
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    call.on('error', () => resolve(false))
    call.on('timeout', () => call.destroy())
    call.end()
  })
}
