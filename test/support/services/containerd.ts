// A containerd of the test run's own: its own folders and socket, its CRI, one busybox image. `ctr` creates containers; pods are created as by a
// kubelet. Needs root, containerd (of docker.io), runc and busybox-static. Coexists with the host's containerd (if any) and other runs.
import { Client, credentials } from '@grpc/grpc-js'
import { loadSync, type MethodDefinition } from '@grpc/proto-loader'
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../../infra/process/package-root.js'
import { waitFor } from '../wait-for.js'
import { makeBusyboxTar } from './busybox-image.js'
import { FOLDER_PREFIX, removeDaemonFolder, removeLeftovers } from './docker-leftovers.js'
import { makeOciArchive } from './oci-archive.js'

const execFileAsync = promisify(execFile)
const SERVICE = 'runtime.v1.RuntimeService'

/** Image that the namespace k8s.io has. */
export const POD_IMAGE = 'docker.io/eunomia-test/busybox:1.0'

/** The containerd. */
export class TestContainerd {
  readonly folder: string
  readonly socketPath: string
  private daemon: ChildProcess | null = null
  private readonly actions = loadSync(join(packageRoot(), 'test/support/services/cri-actions.proto'), { keepCase: true })[SERVICE]

  constructor(folder: string) {
    this.folder = folder
    this.socketPath = join(folder, 'containerd.sock')
  }

  /** Starts the daemon, again after `kill`. Containers keep running without it. */
  async startDaemon(): Promise<void> {
    this.daemon = spawn('containerd', ['-c', join(this.folder, 'config.toml')], { stdio: 'ignore', cwd: this.folder })
    await waitFor('containerd', () =>
      this.ctr('namespaces', 'ls').then(
        () => true,
        () => false,
      ),
    )
  }

  /** Kills the daemon. */
  async kill(): Promise<void> {
    const daemon = this.daemon
    this.daemon = null
    if (daemon === null || daemon.exitCode !== null || daemon.signalCode !== null) return
    const ended = new Promise((resolve) => daemon.once('exit', resolve))
    daemon.kill('SIGKILL')
    await ended
  }

  /** Runs containerd's client and returns its standard output, trimmed. Rejects with stderr when it fails. */
  async ctr(...args: string[]): Promise<string> {
    const { stdout } = await execFileAsync('ctr', ['-a', this.socketPath, ...args], { cwd: this.folder })
    return stdout.trim()
  }

  /** Starts a detached container with the busybox root file system, in the namespace `default`. */
  async runDetached(id: string, options: readonly string[], command: readonly string[]): Promise<void> {
    await this.ctr(
      'run',
      '-d',
      '--runc-root',
      join(this.folder, 'runc'),
      '--env',
      'PATH=/bin',
      ...options,
      '--rootfs',
      join(this.folder, 'image', 'rootfs'),
      id,
      ...command,
    )
  }

  /** One action of a kubelet. */
  async cri(method: string, request: object): Promise<Record<string, unknown>> {
    const definition = this.actions !== undefined && !('format' in this.actions) ? this.actions[method] : undefined
    if (definition === undefined) throw new Error(`no action ${method}`)
    const { path, requestSerialize, responseDeserialize } = definition as MethodDefinition<object, object>
    const client = new Client(`unix:${this.socketPath}`, credentials.createInsecure(), { 'grpc.default_authority': 'localhost' })
    try {
      return await new Promise((resolve, reject) => {
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
          error === null ? resolve({ ...answer }) : reject(error),
        )
      })
    } finally {
      client.close()
    }
  }

  /** Ends all of its processes and removes the folder. */
  async stop(): Promise<void> {
    for (const namespace of ['default', 'k8s.io']) {
      const tasks = await this.ctr('-n', namespace, 'task', 'ls', '-q').catch(() => '')
      for (const id of tasks.split('\n')) if (id !== '') await this.ctr('-n', namespace, 'task', 'rm', '-f', id).catch(() => '')
    }
    await this.kill()
    removeDaemonFolder(this.folder)
  }
}

/** Creates one, starts it and imports the image. */
export async function startTestContainerd(): Promise<TestContainerd> {
  removeLeftovers()
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX))
  writeFileSync(join(folder, 'owner'), String(process.pid))
  mkdirSync(join(folder, 'image'))
  const rootfs = await makeBusyboxTar(join(folder, 'image'))
  const cri = 'plugins."io.containerd.grpc.v1.cri"'
  writeFileSync(
    join(folder, 'config.toml'),
    `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${folder}/containerd.sock"
[${cri}]
  sandbox_image = "${POD_IMAGE}"
  restrict_oom_score_adj = true
[${cri}.containerd]
  snapshotter = "native"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  Root = "${folder}/runc"
[${cri}.cni]
  bin_dir = "${folder}/cni"
  conf_dir = "${folder}/cni"
`,
  )
  const containerd = new TestContainerd(folder)
  try {
    await containerd.startDaemon()
    const archive = makeOciArchive(join(folder, 'image'), rootfs, POD_IMAGE)
    await containerd.ctr('-n', 'k8s.io', 'images', 'import', '--snapshotter', 'native', archive)
  } catch (error) {
    await containerd.stop()
    throw error
  }
  return containerd
}
