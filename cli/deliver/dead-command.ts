// `eunomia deliver dead list|show|redrive`: the alerts that receivers refused, as batches that can be sent again.
import type { Command } from 'commander'
import { UsageError } from '../../infra/process/errors.js'
import { printable } from '../../infra/text/printable.js'
import { bytesAsBase64 } from '../../schemas/record-json.js'
import { readingCodec } from '../../assembly/codec.js'
import { decodeLearned } from '../../processors/runtime/decode-learned.js'
import type { DeadJob } from '../../processors/delivery/queue/delivery-queue.js'
import { type CommandContext, commandContext } from '../settings.js'
import { columnTable } from '../terminal/terminal-text.js'

const EXAMPLES = `
Each refused alert also has a dead letter in eunomia.deadletter.v1, with the receiver's answer.

Examples:
  eunomia deliver dead list siem
  eunomia deliver dead show siem 3-Zm9vYmFy    its alerts, one JSON object a line
  eunomia deliver dead redrive siem --all      after the receiver was repaired`

const MAX_LISTED = 1_000

/** Adds the commands to `deliver`. */
export function registerDeadCommands(deliver: Command): void {
  const dead = deliver.command('dead').description('alerts that receivers refused: list them, show one, send them again')
  dead
    .command('list')
    .description('the latest refused batches of a sink')
    .argument('<sink>', 'name of the sink in deliver.yaml')
    .option('--json', 'one JSON object per batch', false)
    .addHelpText('after', EXAMPLES)
    .action(list)
  dead
    .command('show')
    .description('the alerts of a refused batch, as JSON')
    .argument('<sink>', 'name of the sink in deliver.yaml')
    .argument('<id>', 'as `dead list` shows it')
    .addHelpText('after', EXAMPLES)
    .action(show)
  dead
    .command('redrive')
    .description('send refused batches again')
    .argument('<sink>', 'name of the sink in deliver.yaml')
    .argument('[id...]', 'as `dead list` shows them')
    .option('--all', 'all of them', false)
    .addHelpText('after', EXAMPLES)
    .action(redrive)
}

async function list(sink: string, { json }: { json: boolean }, command: Command): Promise<void> {
  const jobs = await deadJobs(commandContext(command, [], 'warn'), sink)
  const rows = jobs.map(({ id, alerts, partition, reason, refusedAtMs }) => {
    return {
      id,
      partition,
      alerts: alerts.length,
      firstOffset: alerts[0]?.offset ?? 0,
      refusedAt: new Date(refusedAtMs).toISOString(),
      reason,
    }
  })
  if (json) return void process.stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const columns = [
    { title: 'ID', value: ({ id }: (typeof rows)[number]) => id },
    { title: 'REFUSED', value: ({ refusedAt }: (typeof rows)[number]) => refusedAt },
    { title: 'ALERTS', value: ({ alerts }: (typeof rows)[number]) => String(alerts) },
    { title: 'REASON', value: ({ reason }: (typeof rows)[number]) => printable(reason) },
  ]
  process.stdout.write(rows.length === 0 ? `nothing was refused by ${sink}\n` : columnTable(columns, rows))
}

async function show(sink: string, id: string, _: object, command: Command): Promise<void> {
  const context = commandContext(command, [], 'warn')
  const job = (await deadJobs(context, sink)).find((one) => one.id === id)
  if (job === undefined) throw new UsageError(`the sink ${sink} has no refused batch ${id}: eunomia deliver dead list ${sink}`)
  const codec = readingCodec(context.config.schemas)
  for (const { bytes } of job.alerts) {
    const alert = await decodeLearned('alerts', { valueBytes: bytes, valueStart: 0, valueEnd: bytes.length }, codec)
    process.stdout.write(`${JSON.stringify(alert, bytesAsBase64)}\n`)
  }
}

async function redrive(sink: string, ids: string[], { all }: { all: boolean }, command: Command): Promise<void> {
  if (all === ids.length > 0) throw new UsageError('name the batches, or --all')
  const context = commandContext(command, [], 'warn')
  const { sinkNamed, deliverySettings } = await import('../../assembly/delivery.js')
  const { withQueue } = await import('../../assembly/delivery-status.js')
  sinkNamed(await deliverySettings(context), sink)
  const sent = await withQueue(context, sink, async (queue) => {
    let count = 0
    for (const id of all ? await queue.deadIds() : ids) {
      if (await queue.redrive(id)) count++
      else if (!all) throw new UsageError(`the sink ${sink} has no refused batch ${id}: eunomia deliver dead list ${sink}`)
    }
    return count
  })
  process.stdout.write(`${String(sent)} ${sent === 1 ? 'batch goes' : 'batches go'} to ${sink} again\n`)
}

async function deadJobs(context: CommandContext, sink: string): Promise<DeadJob[]> {
  const { sinkNamed, deliverySettings } = await import('../../assembly/delivery.js')
  const { withQueue } = await import('../../assembly/delivery-status.js')
  sinkNamed(await deliverySettings(context), sink)
  return await withQueue(context, sink, async (queue) => await queue.dead(MAX_LISTED))
}
