// Settings of the budgets of processes in the kernel, a part of config-schema.ts.
import { Type } from 'typebox'

const MOST_PER_SECOND = 1_000_000

const perSecond = (defaultRate: number, description: string) =>
  Type.Integer({ default: defaultRate, minimum: 1, maximum: MOST_PER_SECOND, unit: 'per second', description })

/** Settings `collector.budgets.*`. */
export const BUDGET_SETTINGS = Type.Object(
  {
    callsPerSecond: perSecond(
      2000,
      'Kernel calls, io_uring operations and refused execs of a process, of each kind; four seconds of it at once. Applies always.',
    ),
    processPercent: Type.Integer({
      default: 60,
      minimum: 1,
      maximum: 1000,
      unit: 'percent',
      description:
        'Forks, execs, exits and cgroups of a user in a cgroup, while the collector is behind: how much of the free room of the security ring they may occupy. At half of it, execs lose their environment and most of their arguments; above it, events are refused and counted. More keeps more of one noisy container, less keeps more room for the others.',
    }),
  },
  { description: 'How many events a process may report.' },
)
