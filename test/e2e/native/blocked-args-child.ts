// Run by blocked-args.test.ts: reads the running processes, or one by its pid, and prints the arguments as they were read. It hangs, or it does not.
import { TEXT } from '../../../native/generated/layout.js'
import { procReader } from '../../../collector/processes/proc-reader.js'
import { execOf, recordsOf } from './kernel-records.js'
import { openSession } from './watch.js'
import { readFileSync } from 'node:fs'

const [how, pid = ''] = process.argv.slice(2)

function ofTasks(): object {
  const session = openSession()
  const tasks = recordsOf(session.tasks())
  session.close()
  const task = tasks.find((record) => record.pid === Number(pid))
  const own = tasks.find((record) => record.pid === process.pid)
  if (task === undefined || own === undefined) throw new Error('a process is missing')
  const { args, argsTotal, textFlags } = execOf(task)
  const flags = Object.entries(TEXT).flatMap(([name, bit]) => (name.startsWith('args') && (textFlags & bit) !== 0 ? [name] : []))
  return { args: args.map((text) => text.length), argsTotal, flags, own: execOf(own).args.at(-1) }
}

function ofProc(): object {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  const found = procReader('/proc', 65_536)(Number(pid), ticks * 10_000)
  if (found === null) throw new Error('the process is missing')
  const { argsEnd, argsTotal, isArgsTruncated } = found.texts
  return { argsEnd, argsTotal, isArgsTruncated, areArgsBlocked: found.areArgsBlocked }
}

process.stdout.write(JSON.stringify(how === 'tasks' ? ofTasks() : ofProc()))
