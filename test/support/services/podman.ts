// A podman of the test run's own: its own folders, `podman system service` on its own socket, containers from a busybox root file system.
// Needs root, podman, runc and busybox-static. (Its folder is also the working folder, because conmon writes to it.) Coexists with the host's podman (if any) and with other runs.
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { waitFor } from '../wait-for.js'
import { makeBusyboxTar } from './busybox-image.js'
import { FOLDER_PREFIX, removeDaemonFolder, removeLeftovers } from './docker-leftovers.js'

const execFileAsync = promisify(execFile)
const ENVIRONMENT = { ...process.env, PODMAN_IGNORE_CGROUPSV1_WARNING: '1' }

/** The podman. */
export class TestPodman {
  readonly folder: string
  readonly socketPath: string
  private service: ChildProcess | null = null

  constructor(folder: string) {
    this.folder = folder
    this.socketPath = join(folder, 'podman.sock')
  }

  /** Starts the service of the API; again after `stopService`. Containers run without it. */
  async startService(): Promise<void> {
    rmSync(this.socketPath, { force: true })
    const args = [...this.options(), 'system', 'service', '--time', '0', `unix://${this.socketPath}`]
    this.service = spawn('podman', args, { stdio: 'ignore', env: ENVIRONMENT, cwd: this.folder })
    await waitFor('the socket of podman', () => existsSync(this.socketPath))
  }

  /** Kills the service. */
  async stopService(): Promise<void> {
    const service = this.service
    this.service = null
    if (service === null || service.exitCode !== null || service.signalCode !== null) return
    const ended = new Promise((resolve) => service.once('exit', resolve))
    service.kill('SIGKILL')
    await ended
  }

  /** Runs podman's client on this folder and returns its standard output, trimmed. Rejects with stderr when it fails. */
  async podman(...args: string[]): Promise<string> {
    const { stdout } = await execFileAsync('podman', [...this.options(), ...args], { env: ENVIRONMENT, cwd: this.folder })
    return stdout.trim()
  }

  /** Starts a detached container without network and returns its full id. */
  async runDetached(options: readonly string[], command: readonly string[]): Promise<string> {
    const rootfs = join(this.folder, 'image', 'rootfs')
    return this.podman('run', '-d', '--network', 'none', ...options, '--rootfs', rootfs, ...command)
  }

  /** Removes all containers, ends the service and removes the folder. */
  async stop(): Promise<void> {
    await this.podman('rm', '-f', '-a', '-t', '0').catch(() => '')
    await this.stopService()
    removeDaemonFolder(this.folder)
  }

  private options(): string[] {
    const folders = ['--root', join(this.folder, 'root'), '--runroot', join(this.folder, 'run'), '--tmpdir', join(this.folder, 'tmp')]
    return [...folders, '--storage-driver', 'vfs', '--cgroup-manager', 'cgroupfs', '--events-backend', 'file', '--runtime', 'runc']
  }
}

/** Creates one and starts its service. */
export async function startTestPodman(): Promise<TestPodman> {
  removeLeftovers()
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX))
  writeFileSync(join(folder, 'owner'), String(process.pid))
  mkdirSync(join(folder, 'image'))
  await makeBusyboxTar(join(folder, 'image'))
  const podman = new TestPodman(folder)
  await podman.startService()
  return podman
}
