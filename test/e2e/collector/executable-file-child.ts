// Opens the executable of process 7 below a folder that replaces /proc, and prints the result. A separate process, because it is killed when the
// open blocks. Arguments: that folder, the path in the record of the exec, and `recorded` if the record is of the file there.
import { statSync } from 'node:fs'
import { ExecutableFile } from '../../../collector/executables/executable-file.js'
import { NO_LEADERS, Lineage } from '../../../collector/processes/lineage.js'
import { ProcessEntry, ProcessImage } from '../../../collector/processes/process-entry.js'
import { textsOf } from '../../../collector/processes/process-texts.js'
import { EXE_LOCAL } from '../../../native/generated/layout.js'
import { TaskFacts } from '../../../collector/ring-events/task-facts.js'

const [, , procFolder = '', exePath = '', recorded = ''] = process.argv
const facts = new TaskFacts()
facts.parentPid = 5
facts.exeFlags = EXE_LOCAL
if (recorded === 'recorded') {
  const { dev, ino, ctimeNs } = statSync(exePath, { bigint: true })
  facts.exeInodeLow = Number(ino & 0xffff_ffffn)
  facts.exeInodeHigh = Number(ino >> 32n)
  facts.exeCtimeUs = Number(ctimeNs / 1000n)
  facts.exeDevice = Number((((dev >> 8n) & 0xfffn) << 20n) | (dev & 0xffn) | ((dev >> 12n) & 0xfff00n))
}
const texts = textsOf(new Uint8Array(0), 0, Buffer.from(exePath), null)
const lineage = new Lineage([], new Uint8Array(0))
const image = new ProcessImage(new ProcessEntry(7, 1, 'exec'), 1, { facts, texts, lineage, leaders: NO_LEADERS, execCount: 1 })
const result = ExecutableFile.open(procFolder, image)
process.stdout.write(result instanceof ExecutableFile ? 'opened' : result)
