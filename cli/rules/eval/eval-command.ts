// `eunomia rules eval`: judges events given as field maps by a condition or by rules, many requests as JSON lines.
import type { Command } from 'commander'
import { UsageError } from '../../../infra/errors.js'
import { answerJsonLines } from '../../terminal/json-lines.js'
import { EvalRequests } from './eval-request.js'

const EXAMPLES = `
Examples:
  echo '{"id":1,"condition":"proc.name = cat","fields":{"proc.name":"cat"}}' | eunomia rules eval --json
  echo '{"id":2,"rulesFiles":["rules"],"events":[{"evt.type":"execve"}],"matching":"first"}' | eunomia rules eval --json`

export function registerEvalCommand(rules: Command): void {
  rules
    .command('eval')
    .description('judge events given as field maps: JSON lines {"id", "condition"|"rules"|"rulesFiles", "fields"|"events"} on stdin')
    .option('--json', 'JSON lines in and out (the only form there is)', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: { json: boolean }) => {
      if (!options.json)
        throw new UsageError('rules eval reads JSON lines: give --json, and requests on stdin (rules eval --help shows one)')
      const requests = new EvalRequests()
      await answerJsonLines(process.stdin, process.stdout, (request) => requests.answer(request))
    })
}
