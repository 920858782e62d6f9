#!/usr/bin/env node
// The command line: parses, runs one command, and turns its end into an exit status. The only place that ends the process.
import { failureOf } from './lifecycle.js'
import { buildProgram } from './program.js'

// `eunomia ... | head` closes our stdout; that is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

let status: number
try {
  await (await buildProgram(process.argv.slice(2))).parseAsync(process.argv)
  status = Number(process.exitCode ?? 0)
} catch (error) {
  const failure = failureOf(error)
  if (failure.text !== null) process.stderr.write(failure.text)
  status = failure.status
}
// A pipe accepts data only as fast as its reader reads; everything must be written before the process ends.
for (const stream of [process.stdout, process.stderr]) await new Promise<void>((resolve) => stream.write('', () => resolve()))
// Connections that a command left open must not keep a finished command alive.
process.exit(status)
