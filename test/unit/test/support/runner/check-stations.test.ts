// The check that the stations of docs/architecture.md exist.
import assert from 'node:assert/strict'
import { missingStations, stationsIn } from '../../../../support/runner/check-stations.js'

const PAGE = `
# Architecture
Before: \`infra/a.ts\` \`none\`
## Follow one exec
| # | File | Function | In | Out |
|---|---|---|---|---|
| 1 | \`bpf/process/exec.bpf.h\` | \`on_exec\` | a \`task\` | bytes |
2. \`collector/pipeline.ts\`, \`Pipeline.#take()\`: bytes in
A line with one item: \`cli/main.ts\`
### Deeper
- \`cli/run.ts\` \`run\`
## After
\`infra/b.ts\` \`none\`
`

describe('the check of stations', () => {
  it('reads the lines with a path and a name below the heading', () => {
    assert.deepEqual(stationsIn(PAGE), [
      { file: 'bpf/process/exec.bpf.h', name: 'on_exec' },
      { file: 'collector/pipeline.ts', name: 'Pipeline.#take()' },
      { file: 'cli/run.ts', name: 'run' },
    ])
    assert.deepEqual(stationsIn('# Another page\n`a/b.ts` `c`\n'), [])
  })

  it('finds files that do not exist and names that their files do not contain', () => {
    const files = new Map([
      ['bpf/process/exec.bpf.h', 'int on_exec(struct pt_regs *regs)'],
      ['collector/pipeline.ts', 'class Pipeline { #takeAll() {} take() {} }'],
    ])
    assert.deepEqual(
      missingStations(stationsIn(PAGE), (file) => files.get(file) ?? null),
      ['docs/architecture.md: collector/pipeline.ts contains no Pipeline.#take()', 'docs/architecture.md: there is no cli/run.ts'],
    )
  })
})
