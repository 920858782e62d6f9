// The checks of the tree itself: lint, format, C sources, generated files. Each is a command that a person can run alone.
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import type { Check } from './run-check.js'
import { compiledRoot } from './tiers.js'

/** All checks, in the order in which they run. */
export function checksOfTheTree(): readonly Check[] {
  const bin = (name: string): string => join(packageRoot(), 'node_modules/.bin', name)
  const compiled = (path: string): string => join(compiledRoot(), path)
  return [
    // What is young lives long here: with more room for it, V8 copies it less often.
    { name: 'eslint', command: [process.execPath, '--max-semi-space-size=128', bin('eslint'), '.'] },
    { name: 'prettier', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
    {
      name: 'no circles of imports, of files and of folders',
      command: [process.execPath, compiled('test/support/runner/check-import-circles.js')],
    },
    { name: 'unit tests mirror their sources', command: [process.execPath, compiled('test/support/runner/check-tests.js')] },
    { name: 'stations of docs/architecture.md', command: [process.execPath, compiled('test/support/runner/check-stations.js')] },
    { name: 'links of the pages, and tests of SECURITY.md', command: [process.execPath, compiled('test/support/runner/check-links.js')] },
    {
      name: 'bounds and names of docs/failure-modes.md',
      command: [process.execPath, compiled('test/support/runner/check-failure-modes.js')],
    },
    { name: 'C sources: length and format', command: [process.execPath, compiled('test/support/runner/check-c-sources.js')] },
    { name: 'generated files of the schemas', command: [process.execPath, compiled('schemas/generate/main.js'), '--check'] },
    { name: 'native/generated/layout.ts', command: [process.execPath, compiled('native/generate-layout.js'), '--check'] },
    { name: 'docs/coverage.md', command: [process.execPath, compiled('test/support/attacks/coverage-page.js'), '--check'] },
    { name: 'docs/archive-columns.md', command: [process.execPath, compiled('processors/forensics/sql/columns-page.js'), '--check'] },
    { name: 'docs/configuration.md', command: [process.execPath, compiled('infra/config/generate-docs.js'), '--check'] },
    {
      name: 'docs/fields.md and docs/detections.md',
      command: [process.execPath, compiled('processors/rule-engine/workbench/pages/generate-pages.js'), '--check'],
    },
  ]
}
