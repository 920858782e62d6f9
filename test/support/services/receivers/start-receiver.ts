// Real receivers of alerts for tests, each started by the test file that needs it and stopped with the run: OpenSearch, S3Mock, rsyslog,
// Alertmanager.
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findJava } from '../../../../infra/local/registry-service.js'
import { type LocalService, type ServiceCommand, startService } from '../../../../infra/local/local-service.js'
import { choosePorts } from '../../../../infra/local/ports.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { testServiceFolder } from '../services.js'
import { openSearchJars, RECEIVERS_FOLDER, s3MockJar } from './artifacts.js'

const JVM = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']
const START_MS = 180_000

interface Receiver {
  readonly name: string
  /** Of its ports, `http` is the one that is asked whether it is ready. */
  readonly ports?: readonly string[]
  /** Port `http`; default a free one. */
  readonly port?: number | undefined
  readonly commandOf: (port: (name: string) => string, folder: string) => Promise<ServiceCommand>
  /** Path that answers when it is ready; null: the port takes connections. */
  readonly readyPath: string | null
}

async function start({ name, ports = ['http'], port: http, commandOf, readyPath }: Receiver): Promise<LocalService> {
  const folder = join(await testServiceFolder(name), name)
  await mkdir(folder, { recursive: true })
  return await startService(
    {
      name,
      folder,
      addressOf: (chosen) => `http://127.0.0.1:${String(chosen['http'])}`,
      choosePorts: async (remembered) => await choosePorts(ports, { http }, remembered),
      prepare: async (chosen) => await commandOf((port) => String(chosen[port]), folder),
      isReady: async (chosen) => {
        const port = Number(chosen['http'])
        return readyPath === null ? await takesConnections(port) : await answersOk(`http://127.0.0.1:${String(port)}${readyPath}`)
      },
      startTimeoutMs: START_MS,
      fix: 'see its log',
    },
    SILENT_LOGGER,
  )
}

/** One node. */
export async function startOpenSearch(): Promise<LocalService> {
  const jars = await openSearchJars()
  return await start({
    name: 'opensearch',
    readyPath: '/_cluster/health?wait_for_status=yellow&timeout=1s',
    commandOf: async (port, folder) => ({
      command: await findJava(),
      args: ['-Xmx384m', ...JVM, '-cp', join(jars, '*'), join(RECEIVERS_FOLDER, 'OpenSearchNode.java'), join(folder, 'data'), port('http')],
    }),
  })
}

/** An S3 with these buckets, over HTTP. */
export async function startS3Mock(buckets: readonly string[]): Promise<LocalService> {
  const jar = await s3MockJar()
  return await start({
    name: 's3mock',
    ports: ['http', 'https'],
    readyPath: '/favicon.ico',
    commandOf: async (port) => ({
      command: await findJava(),
      args: [
        ...['-Xmx256m', ...JVM, '-jar', jar, `--server.port=${port('https')}`, `--com.adobe.testing.s3mock.httpPort=${port('http')}`],
        `--com.adobe.testing.s3mock.store.initialBuckets=${buckets.join(',')}`,
      ],
    }),
  })
}

/** Prometheus Alertmanager, without a cluster. */
export async function startAlertmanager(): Promise<LocalService> {
  return await start({
    name: 'alertmanager',
    readyPath: '/-/ready',
    commandOf: async (port, folder) => {
      const file = join(folder, 'alertmanager.yml')
      await writeFile(file, 'route:\n  receiver: none\nreceivers:\n  - name: none\n')
      const flags = [
        `--web.listen-address=127.0.0.1:${port('http')}`,
        '--cluster.listen-address=',
        `--storage.path=${join(folder, 'data')}`,
      ]
      return { command: 'prometheus-alertmanager', args: [`--config.file=${file}`, ...flags] }
    },
  })
}

/** Options of an rsyslog. */
export interface RsyslogOptions {
  /** Configuration of the input `imtcp` besides its port, as in `streamdriver.mode="1"`. */
  readonly input?: string
  readonly global?: string
  /** Default a free one. */
  readonly port?: number | undefined
  /** File that gets the body of each message, a JSON text in a line. */
  readonly output: string
}

/** Rsyslog that takes messages over TCP (port `http`). */
export async function startRsyslog({ input = '', global = '', port: taken, output }: RsyslogOptions): Promise<LocalService> {
  return await start({
    name: 'rsyslog',
    port: taken,
    readyPath: null,
    commandOf: async (port, folder) => {
      const file = join(folder, 'rsyslog.conf')
      await writeFile(
        file,
        `global(workDirectory="${folder}" maxMessageSize="8m" parser.escapeControlCharactersOnReceive="off" ${global})
module(load="imtcp" maxFrameSize="8000000" ${input})
input(type="imtcp" address="127.0.0.1" port="${port('http')}")
template(name="body" type="list") {
  constant(value="{\\"header\\":\\"") property(name="hostname" format="json") constant(value=" ") property(name="app-name" format="json")
  constant(value=" ") property(name="pri") constant(value=" ") property(name="timereported" dateFormat="rfc3339")
  constant(value="\\",\\"body\\":\\"") property(name="msg" format="json") constant(value="\\"}\\n")
}
action(type="omfile" file="${output}" template="body" asyncWriting="off" flushOnTXEnd="on")
`,
      )
      return { command: 'rsyslogd', args: ['-n', '-f', file, '-i', join(folder, 'rsyslogd.pid')] }
    },
  })
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1' })
  const isTaken = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return isTaken
}
