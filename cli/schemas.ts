// `eunomia schemas list|check|register`: the Avro schemas of our topics, here and in a registry.
import type { Command } from 'commander'
import type { Config } from '../infra/config/config-schema.js'
import { UsageError } from '../infra/process/errors.js'
import { type SchemaStanding, checkSchemas, listSchemas, registerSchemas } from '../schemas/registry/registration.js'
import { RegistryClient } from '../schemas/registry/registry-client.js'
import { currentSchemas, storedSchemas } from '../schemas/schema-set.js'
import { unstoredTopics, versionFaults } from '../schemas/compatibility.js'
import { EXIT } from './lifecycle.js'
import { commandContext } from './settings.js'
import { type Column, columnTable } from './terminal/terminal-text.js'

const LIST_EXAMPLES = `
Examples:
  eunomia schemas list
  eunomia schemas list --json`

const CHECK_EXAMPLES = `
Examples:
  eunomia schemas check                      all stored versions against each other (FULL_TRANSITIVE)
  eunomia schemas check --set schemas.registryUrl=http://127.0.0.1:8080/apis/ccompat/v7`

const REGISTER_EXAMPLES = `
Examples:
  eunomia schemas register --set schemas.registryUrl=http://127.0.0.1:8080/apis/ccompat/v7`

interface JsonOption {
  readonly json: boolean
}

/** Adds the commands to the program. */
export function registerSchemasCommand(program: Command): void {
  const schemas = program.command('schemas').description('the Avro schemas of the topics, here and in a registry')
  schemas
    .command('list')
    .description('topics with their records, versions and fixed ids; with a configured registry also its ids')
    .option('--json', 'one JSON object per line', false)
    .addHelpText('after', LIST_EXAMPLES)
    .action(list)
  schemas
    .command('check')
    .description('compatibility of all versions; with a configured registry also with its versions')
    .option('--json', 'one JSON object per finding', false)
    .addHelpText('after', CHECK_EXAMPLES)
    .action(check)
  schemas
    .command('register')
    .description('register our schemas with the configured registry')
    .option('--json', 'print JSON', false)
    .addHelpText('after', REGISTER_EXAMPLES)
    .action(register)
}

async function list(options: JsonOption, command: Command): Promise<void> {
  const { config } = commandContext(command)
  const { registryUrl } = config.schemas
  const ids = new Map(
    registryUrl === null
      ? []
      : (await checkSchemas(new RegistryClient({ url: registryUrl }), currentSchemas())).map(({ topic, id }) => [topic, id]),
  )
  const listings = listSchemas().map((listing) => ({ ...listing, registryId: ids.get(listing.topic) ?? null }))
  if (options.json) {
    for (const listing of listings) process.stdout.write(`${JSON.stringify(listing)}\n`)
    return
  }
  const columns: Column<(typeof listings)[number]>[] = [
    { title: 'SUBJECT', value: ({ subject }) => subject },
    { title: 'RECORD', value: ({ record }) => record },
    { title: 'VERSION', value: ({ version }) => String(version) },
    { title: 'FIXED ID', value: ({ fixedId }) => String(fixedId) },
  ]
  if (registryUrl !== null) columns.push({ title: 'REGISTRY ID', value: ({ registryId }) => String(registryId ?? 'not registered') })
  process.stdout.write(columnTable(columns, listings))
}

async function check(options: JsonOption, command: Command): Promise<void> {
  const { config } = commandContext(command)
  const current = currentSchemas()
  const stored = storedSchemas()
  const findings = [
    ...versionFaults(stored).map(({ topic, older, newer, path, reason }) => ({
      topic,
      problem: `versions ${String(older)} and ${String(newer)}`,
      path,
      reason,
    })),
    ...unstoredTopics(current, stored).map((topic) => ({
      topic,
      problem: 'not stored',
      path: '',
      reason: 'npm run generate, or a version of its own',
    })),
    ...(await registryFindings(config.schemas)),
  ]
  if (options.json) for (const finding of findings) process.stdout.write(`${JSON.stringify(finding)}\n`)
  else
    for (const { topic, problem, path, reason } of findings)
      process.stdout.write(`${topic}: ${problem}: ${path === '' ? '' : `${path}: `}${reason}\n`)
  if (findings.length > 0) process.exitCode = EXIT.failed
  else if (!options.json) {
    const registry = config.schemas.registryUrl === null ? '' : '; the registry has all of them'
    process.stdout.write(`${String(stored.length)} versions of ${String(current.size)} records are compatible${registry}\n`)
  }
}

async function registryFindings(schemas: Config['schemas']): Promise<{ topic: string; problem: string; path: string; reason: string }[]> {
  if (schemas.registryUrl === null) return []
  const standings = await checkSchemas(new RegistryClient({ url: schemas.registryUrl }), currentSchemas())
  const problem = ({ state }: SchemaStanding): string => `${state} in the registry`
  return standings
    .filter(({ state }) => state !== 'same')
    .map((standing) => ({
      topic: standing.topic,
      problem: problem(standing),
      path: '',
      reason: standing.reasons.join('; ') || 'eunomia schemas register',
    }))
}

async function register(options: JsonOption, command: Command): Promise<void> {
  const { config } = commandContext(command)
  const { registryUrl } = config.schemas
  if (registryUrl === null) throw new UsageError('name the registry: --set schemas.registryUrl=http://host:port/path')
  const ids = await registerSchemas(new RegistryClient({ url: registryUrl }), currentSchemas())
  if (options.json) process.stdout.write(`${JSON.stringify(ids)}\n`)
  else for (const [topic, id] of Object.entries(ids)) process.stdout.write(`${topic}: id ${String(id)}\n`)
}
