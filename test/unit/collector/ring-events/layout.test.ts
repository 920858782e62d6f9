// The offsets of the decoders are those of bpf/record/event.h, as the C compiler lays its structs out.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CGROUP_EVENT, CGROUP_EVENT_BYTES } from '../../../../collector/ring-events/cgroup-record.js'
import { EVENT_HEADER, EVENT_HEADER_BYTES, HEADER_CGROUP_V1 } from '../../../../collector/ring-events/event-header.js'
import { KIND, KIND_MAX, SEQUENCE } from '../../../../collector/ring-events/event-kinds.js'
import { ENVIRONMENT_FLAGS, EXEC_EVENT, EXEC_EVENT_BYTES } from '../../../../collector/ring-events/exec-record.js'
import { EXEC_REFUSED_EVENT, EXEC_REFUSED_EVENT_BYTES } from '../../../../collector/ring-events/exec-refused-record.js'
import { EXIT_EVENT, EXIT_EVENT_BYTES } from '../../../../collector/ring-events/exit-record.js'
import { FILE_CHANGE_EVENT, FILE_CHANGE_EVENT_BYTES } from '../../../../collector/ring-events/file-change-record.js'
import { FORK_EVENT, FORK_EVENT_BYTES } from '../../../../collector/ring-events/fork-record.js'
import { KERNEL_CALL_EVENT, KERNEL_CALL_EVENT_BYTES } from '../../../../collector/ring-events/kernel-call-record.js'
import { OPEN_CREATED, OPEN_EVENT, OPEN_EVENT_BYTES } from '../../../../collector/ring-events/open-record.js'
import {
  COMM_BYTES,
  EXE_LOCAL,
  EXE_MEMFD,
  EXE_UPPER_LAYER,
  NAMESPACE_FACTS,
  NAMESPACE_FACTS_BYTES,
  TASK_FACTS,
  TASK_FACTS_BYTES,
  UNSET_ID,
} from '../../../../collector/ring-events/task-facts.js'
import { SOCKET_FACTS, SOCKET_FACTS_BYTES, SOCKET_IS_KNOWN } from '../../../../collector/ring-events/socket-facts.js'
import { STREAM_FACTS, STREAM_FACTS_BYTES, STREAM_FLAGS, STREAMS } from '../../../../collector/ring-events/stream-record.js'
import { TEXT } from '../../../../collector/ring-events/text-flags.js'
import { SOCKET_EVENT, SOCKET_EVENT_BYTES, SOCKET_EVENT_FLAGS } from '../../../../collector/ring-events/socket-record.js'
import { RECORD_VERSION } from '../../../../collector/source/capture-format.js'
import { packageRoot } from '../../../../infra/process/package-root.js'

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const upper = (name: string): string => snake(name).toUpperCase()

/** C expression -> the number that it must have. */
function expectations(): ReadonlyMap<string, number> {
  const expected = new Map<string, number>()
  const structs: [string, Record<string, number>, number][] = [
    ['event_header', EVENT_HEADER, EVENT_HEADER_BYTES],
    ['task_facts', TASK_FACTS, TASK_FACTS_BYTES],
    ['namespace_facts', NAMESPACE_FACTS, NAMESPACE_FACTS_BYTES],
    ['stream_facts', STREAM_FACTS, STREAM_FACTS_BYTES],
    ['fork_event', FORK_EVENT, FORK_EVENT_BYTES],
    ['exec_event', EXEC_EVENT, EXEC_EVENT_BYTES],
    ['exec_refused_event', EXEC_REFUSED_EVENT, EXEC_REFUSED_EVENT_BYTES],
    ['exit_event', EXIT_EVENT, EXIT_EVENT_BYTES],
    ['open_event', OPEN_EVENT, OPEN_EVENT_BYTES],
    ['kernel_call_event', KERNEL_CALL_EVENT, KERNEL_CALL_EVENT_BYTES],
    ['socket_facts', SOCKET_FACTS, SOCKET_FACTS_BYTES],
    ['file_change_event', FILE_CHANGE_EVENT, FILE_CHANGE_EVENT_BYTES],
    ['socket_event', SOCKET_EVENT, SOCKET_EVENT_BYTES],
    ['cgroup_event', CGROUP_EVENT, CGROUP_EVENT_BYTES],
  ]
  for (const [struct, offsets, size] of structs) {
    expected.set(`sizeof(struct ${struct})`, size)
    for (const [field, offset] of Object.entries(offsets)) expected.set(`offsetof(struct ${struct}, ${snake(field)})`, offset)
  }
  for (const [name, number] of Object.entries(KIND)) expected.set(`KIND_${upper(name)}`, number)
  for (const [name, number] of Object.entries(SEQUENCE)) expected.set(`TOPIC_${upper(name)}`, number)
  for (const [name, bit] of Object.entries(SOCKET_EVENT_FLAGS)) expected.set(`SOCKET_${upper(name)}`, bit)
  for (const [name, bit] of Object.entries(ENVIRONMENT_FLAGS)) expected.set(`ENVIRONMENT_${upper(name)}`, bit)
  for (const [name, bit] of Object.entries(STREAM_FLAGS)) expected.set(`STREAM_${upper(name)}`, bit)
  for (const [name, bit] of Object.entries(TEXT)) expected.set(`TEXT_${upper(name)}`, bit)
  const constants = {
    KIND_MAX,
    COMM_BYTES,
    EXE_UPPER_LAYER,
    EXE_LOCAL,
    EXE_MEMFD,
    OPEN_CREATED,
    SOCKET_IS_KNOWN,
    HEADER_CGROUP_V1,
    UNSET_ID,
    RECORD_VERSION,
    STREAMS,
  }
  for (const [name, value] of Object.entries(constants)) expected.set(name, value)
  return expected
}

describe('the layout of ring records', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-layout-'))
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('is the one that the C compiler gives the structs of bpf/record/event.h', () => {
    const expected = expectations()
    const lines = [...expected.keys()].map((expression) => `\tprintf("%lu\\n", (unsigned long)(${expression}));`)
    const source = [
      '#include <stddef.h>',
      '#include <stdio.h>',
      '#include <linux/types.h>',
      '#include "record/event.h"',
      'int main(void) {',
      ...lines,
      '}',
    ]
    writeFileSync(join(folder, 'layout.c'), source.join('\n'))
    execFileSync('cc', ['-I', join(packageRoot(), 'bpf'), '-o', join(folder, 'layout'), join(folder, 'layout.c')])
    const numbers = execFileSync(join(folder, 'layout'), { encoding: 'utf8' }).trim().split('\n').map(Number)
    const actual = new Map([...expected.keys()].map((expression, index) => [expression, numbers[index]]))
    assert.deepEqual(actual, expected)
  })
})
