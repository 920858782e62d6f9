// `eunomia run`: collector and functions in one process over a memory log; alerts of this host on the screen, no services needed.
import type { Command } from 'commander'
import { addSwitchFlags, commandContext, repeated, switchesOf } from '../settings.js'
import type { RunFlags } from './run-flags.js'

const EXAMPLES = `
Examples:
  sudo eunomia run                           watch this host until Ctrl-C
  eunomia run --demo                         with one harmless suspicious act, so that there is an alert to see
  eunomia run --capture FILE --json          evaluate a recorded capture; ends with it
  eunomia run --sink file:///var/log/eunomia/alerts.json
  eunomia run --rules ./my-rules.yaml --docker-socket /run/docker.sock`

/** Adds the command to the program. */
export function registerRunCommand(program: Command): void {
  addSwitchFlags(program.command('run'))
    .description('watch this host: collector and rules in one process, alerts on the screen; needs root for live probes, and no services')
    .option('--demo', 'perform one harmless suspicious act, so that an alert appears', false)
    .option('--capture <file>', 'replay a capture instead of live probes, and end with it')
    .option('--rules <path>', 'rule file or folder; may be repeated (default: the rules that ship with Eunomia)', repeated)
    .option('--pipeline <file>', 'field mapping for Sigma rules (a pySigma pipeline); may be repeated', repeated)
    .option('--placeholder <name=values>', 'values of %name% in Sigma rules, separated by commas; may be repeated', repeated)
    .option('--strict', 'refuse to start if any rule has a mistake, instead of excluding it')
    .option('--allow-fewer', 'accept a reload that drops more than half of the enabled rules')
    .option('--docker-socket <path>', 'socket of Docker; may be repeated', repeated)
    .option('--sink <url>', 'also deliver alerts, from memory: file:///PATH, stdout: or https://HOST/PATH (a webhook)')
    .option('--metrics-port <port>', 'serve Prometheus metrics on this port; 0 chooses a free one')
    .option('--json', 'print alerts as JSON, one object a line, and nothing else', false)
    .option('--exit-after-alert', 'end after the first alert; with --demo, after that of the act', false)
    .addHelpText('after', EXAMPLES)
    .action(async (flags: RunFlags, command: Command) => {
      const context = commandContext(
        command,
        [
          { flag: '--rules', path: 'rules.folders', value: flags.rules },
          { flag: '--pipeline', path: 'rules.pipelines', value: flags.pipeline },
          { flag: '--placeholder', path: 'rules.placeholders', value: flags.placeholder },
          { flag: '--enable, --disable', path: 'rules.switches', value: switchesOf(flags) },
          { flag: '--strict', path: 'rules.strict', value: flags.strict },
          { flag: '--allow-fewer', path: 'rules.allowFewer', value: flags.allowFewer },
          { flag: '--metrics-port', path: 'metrics.port', value: flags.metricsPort },
          { flag: '--docker-socket', path: 'collector.dockerSockets', value: flags.dockerSocket },
        ],
        'warn',
      )
      const { runHost } = await import('./run-host.js')
      await runHost(flags, context)
    })
}
