// `eunomia topics create|check`: topics as code. Creates missing topics, reports differences, and changes no existing topic.
import type { Command } from 'commander'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import type { TopicDifference } from '../infra/kafka/admin.js'
import { EXIT } from './lifecycle.js'
import { commandContext } from './settings.js'
import { columnTable } from './terminal/terminal-text.js'

const CREATE_EXAMPLES = `
Examples:
  eunomia topics create                                     at the brokers of the settings
  eunomia topics create --set kafka.replicationFactor=3 --set kafka.partitions=24`

const CHECK_EXAMPLES = `
Examples:
  eunomia topics check                                      status 1 when something differs
  eunomia topics check --json`

/** Adds the commands to the program. */
export function registerTopicsCommand(program: Command): void {
  const topics = program.command('topics').description('topics as code: create missing topics, check existing ones')
  topics
    .command('create')
    .description('create missing topics; existing ones are not changed')
    .option('--json', 'print JSON', false)
    .addHelpText('after', CREATE_EXAMPLES)
    .action(async (options: { json: boolean }, command: Command) => {
      const { config, log } = commandContext(command)
      const { createTopics } = await import('../infra/kafka/admin.js')
      const made = await createTopics(kafkaConfigOf(config.kafka), config.kafka, log)
      if (options.json) process.stdout.write(`${JSON.stringify({ created: made })}\n`)
      else process.stdout.write(made.length === 0 ? 'all topics exist\n' : made.map((topic) => `created ${topic}\n`).join(''))
    })
  topics
    .command('check')
    .description('differences between the topics of the cluster and the expected ones')
    .option('--json', 'one JSON object per difference', false)
    .addHelpText('after', CHECK_EXAMPLES)
    .action(async (options: { json: boolean }, command: Command) => {
      const { config, log } = commandContext(command)
      const { checkTopics } = await import('../infra/kafka/admin.js')
      const differences = await checkTopics(kafkaConfigOf(config.kafka), config.kafka, log)
      if (options.json) for (const difference of differences) process.stdout.write(`${JSON.stringify(difference)}\n`)
      else process.stdout.write(differences.length === 0 ? 'all topics are correct\n' : differenceTable(differences))
      if (differences.length > 0) process.exitCode = EXIT.failed
    })
}

function differenceTable(differences: readonly TopicDifference[]): string {
  return columnTable(
    [
      { title: 'TOPIC', value: ({ topic }) => topic },
      { title: 'WHAT', value: ({ problem, setting }) => setting ?? problem },
      { title: 'WANTED', value: ({ wanted }) => wanted },
      { title: 'FOUND', value: ({ actual }) => (actual === '' ? '-' : actual) },
    ],
    differences,
  )
}
