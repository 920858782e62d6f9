// The command line: runs one command, and ends the process with its status. The only place that ends the process.
import { runCommandLine } from './program.js'

// `eunomia ... | head` closes our stdout; that is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

async function main(): Promise<void> {
  const status = await runCommandLine(process.argv.slice(2))
  // A pipe accepts data only as fast as its reader reads; everything must be written before the process ends.
  for (const stream of [process.stdout, process.stderr]) await new Promise<void>((resolve) => stream.write('', () => resolve()))
  // Connections that a command left open must not keep a finished command alive.
  process.exit(status)
}

void main()
