// `eunomia stack up|down|status`: a real Kafka, Redis and, on request, a schema registry on this machine.
import { type Command, InvalidArgumentError } from 'commander'
import { join } from 'node:path'
import { type StackServiceName, type StackServiceStatus, stackDown, stackStatus, stackUp } from '../infra/local/stack.js'
import { defaultStateFolder } from '../infra/process/state-folder.js'
import { commandContext } from './settings.js'
import { columnTable } from './terminal/terminal-text.js'

const UP_EXAMPLES = `
Examples:
  eunomia stack up                           on free ports, the same again at the next start
  eunomia stack up --registry --kafka-port 9092 --redis-port 6379
  eval "$(eunomia stack up --env)"           start, and let this shell's commands use it`

const STATUS_EXAMPLES = `
Examples:
  eunomia stack status
  eunomia stack status --json`

const DOWN_EXAMPLES = `
Examples:
  eunomia stack down                         data stays; stack up goes on with it`

interface UpOptions {
  readonly registry: boolean
  readonly kafkaPort?: number
  readonly redisPort?: number
  readonly registryPort?: number
  readonly env: boolean
  readonly json: boolean
}

/** Variables that point our commands at a service. */
const VARIABLES: Readonly<Record<StackServiceName, (address: string) => string>> = {
  kafka: (address) => `EUNOMIA_KAFKA_BROKERS=${address}`,
  redis: (address) => `EUNOMIA_REDIS_URL=${address.includes('://') ? address : `redis://${address}`}`,
  registry: (address) => `EUNOMIA_SCHEMAS_REGISTRY_URL=${address}`,
}

/** Adds the commands to the program. */
export function registerStackCommand(program: Command): void {
  const stack = program.command('stack').description('real Kafka, Redis and registry on this machine, for trials and tests')
  stack
    .command('up')
    .description('start what is not running; returns when all services answer')
    .option('--registry', 'start the schema registry as well', false)
    .option('--kafka-port <port>', 'port of Kafka', parsePort)
    .option('--redis-port <port>', 'port of Redis', parsePort)
    .option('--registry-port <port>', 'port of the registry', parsePort)
    .option('--env', 'print export lines for a shell', false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', UP_EXAMPLES)
    .action(up)
  stack
    .command('down')
    .description('stop it; its data stays')
    .addHelpText('after', DOWN_EXAMPLES)
    .action(async (_options: object, command: Command) => {
      const stopped = await stackDown(stackFolder(command))
      process.stdout.write(stopped.length === 0 ? 'nothing was running\n' : `stopped: ${stopped.join(', ')}\n`)
    })
  stack
    .command('status')
    .description('what runs, and where')
    .option('--json', 'print JSON', false)
    .addHelpText('after', STATUS_EXAMPLES)
    .action(async (options: { json: boolean }, command: Command) => {
      print(await stackStatus(stackFolder(command)), options.json)
    })
}

async function up(options: UpOptions, command: Command): Promise<void> {
  const { log } = commandContext(command)
  const folder = stackFolder(command)
  const ports = {
    ...(options.kafkaPort !== undefined && { broker: options.kafkaPort }),
    ...(options.redisPort !== undefined && { redis: options.redisPort }),
    ...(options.registryPort !== undefined && { registry: options.registryPort }),
  }
  await stackUp({ stateFolder: folder, services: ['kafka', 'redis', ...(options.registry ? (['registry'] as const) : [])], ports }, log)
  const status = await stackStatus(folder)
  if (options.env) for (const line of exportLines(status)) process.stdout.write(`export ${line}\n`)
  else print(status, options.json)
}

function stackFolder(command: Command): string {
  return join(commandContext(command).config.stateFolder ?? defaultStateFolder(), 'stack')
}

function exportLines(status: readonly StackServiceStatus[]): string[] {
  return status.flatMap(({ name, address }) => (address === null ? [] : [VARIABLES[name](address)]))
}

function print(status: readonly StackServiceStatus[], isJson: boolean): void {
  if (isJson) {
    process.stdout.write(`${JSON.stringify(status)}\n`)
    return
  }
  const table = columnTable(
    [
      { title: 'SERVICE', value: ({ name }) => name },
      { title: 'ADDRESS', value: ({ address }) => address ?? 'not running' },
      { title: 'PID', value: ({ pid }) => (pid === null ? '-' : String(pid)) },
      { title: 'LOG', value: ({ log }) => log },
    ],
    status,
  )
  process.stdout.write(table)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError('Expected a port, 1 to 65535.')
  return port
}
