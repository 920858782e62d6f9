// `npm run generate`: writes the generated files; with --check it only says which of them are stale (exit status 1).
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../infra/process/package-root.js'
import { generatedFiles, staleFiles } from './generated-files.js'

const root = packageRoot()
if (process.argv.includes('--check')) {
  const stale = staleFiles(root)
  for (const path of stale) process.stderr.write(`${path} is stale: run npm run generate\n`)
  if (stale.length > 0) process.exitCode = 1
} else {
  for (const [path, text] of generatedFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    process.stdout.write(`wrote ${path}\n`)
  }
}
