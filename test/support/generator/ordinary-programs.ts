// What runs on an ordinary host, and what it opens, calls and connects to: the background on which rules must not fire.

/** A program in its usual form. */
export interface OrdinaryProgram {
  readonly name: string
  readonly exePath: string
  readonly commandLines: readonly string[]
  /** Name and path of its parents, nearest first. */
  readonly parents: readonly (readonly [name: string, exePath: string])[]
  readonly user: readonly [name: string, uid: number]
  readonly isInContainer: boolean
  readonly reads: readonly string[]
  readonly writes: readonly string[]
}

const INIT = ['systemd', '/usr/lib/systemd/systemd'] as const
const SHIM = ['containerd-shim', '/usr/bin/containerd-shim-runc-v2'] as const
const SHELL = ['bash', '/usr/bin/bash'] as const
const LOGIN = ['sshd', '/usr/sbin/sshd'] as const
const LIBRARIES = [
  '/etc/ld.so.cache',
  '/usr/lib/x86_64-linux-gnu/libc.so.6',
  '/usr/lib/x86_64-linux-gnu/libm.so.6',
  '/usr/lib/locale/C.utf8/LC_CTYPE',
]
const root = ['root', 0] as const

function program(given: Partial<OrdinaryProgram> & Pick<OrdinaryProgram, 'exePath'>): OrdinaryProgram {
  const name = given.exePath.slice(given.exePath.lastIndexOf('/') + 1).slice(0, 15)
  return { name, commandLines: [name], parents: [INIT], user: root, isInContainer: false, reads: LIBRARIES, writes: [], ...given }
}

/** Servers, agents, tools and shells. */
export const ORDINARY_PROGRAMS: readonly OrdinaryProgram[] = [
  program({
    exePath: '/usr/sbin/nginx',
    commandLines: ['nginx: worker process'],
    parents: [['nginx', '/usr/sbin/nginx'], SHIM, INIT],
    user: ['www-data', 33],
    isInContainer: true,
    reads: ['/usr/share/nginx/html/index.html', '/usr/share/nginx/html/assets/app.4f1c.js', '/usr/share/nginx/html/img/logo.svg'],
    writes: ['/var/cache/nginx/proxy_temp/0000000017'],
  }),
  program({
    exePath: '/usr/lib/jvm/temurin-21/bin/java',
    commandLines: ['java -Xmx2g -jar /app/orders.jar --server.port=8080'],
    parents: [SHIM, INIT],
    user: ['app', 1001],
    isInContainer: true,
    reads: ['/app/orders.jar', '/usr/lib/jvm/temurin-21/lib/modules', '/app/config/application.yaml', '/proc/self/stat'],
    writes: ['/app/logs/orders.log', '/app/data/cache/0001.bin'],
  }),
  program({
    exePath: '/usr/lib/postgresql/16/bin/postgres',
    commandLines: ['postgres: shop shop 10.8.0.17(41822) idle', 'postgres: checkpointer'],
    parents: [['postgres', '/usr/lib/postgresql/16/bin/postgres'], SHIM],
    user: ['postgres', 999],
    isInContainer: true,
    reads: ['/srv/pg/base/16384/2619', '/srv/pg/global/pg_filenode.map', '/srv/pg/pg_xact/0000'],
    writes: ['/srv/pg/base/16384/16421', '/srv/pg/pg_wal/000000010000000000000042'],
  }),
  program({
    exePath: '/usr/local/bin/node',
    commandLines: ['node /srv/shop/server.js', 'node --enable-source-maps dist/main.js'],
    parents: [SHIM, INIT],
    user: ['node', 1000],
    isInContainer: true,
    reads: ['/srv/shop/server.js', '/srv/shop/node_modules/fastify/lib/route.js', '/srv/shop/package.json'],
    writes: ['/srv/shop/tmp/upload-18'],
  }),
  program({
    exePath: '/usr/lib/systemd/systemd-journald',
    commandLines: ['/usr/lib/systemd/systemd-journald'],
    reads: ['/proc/1/comm', '/proc/4242/cgroup', '/run/systemd/units/log-level-max:cron.service'],
    writes: ['/run/log/journal/0123/system.journal'],
  }),
  program({
    exePath: '/usr/bin/kubelet',
    commandLines: ['/usr/bin/kubelet --config=/srv/kubelet/config.yaml'],
    reads: ['/sys/fs/cgroup/kubepods.slice/memory.stat', '/sys/fs/cgroup/kubepods.slice/cpu.stat', '/proc/meminfo'],
    writes: ['/srv/kubelet/pods/7d1/volumes/token'],
  }),
  program({
    exePath: '/usr/bin/containerd',
    commandLines: ['/usr/bin/containerd'],
    reads: ['/srv/containerd/io.containerd.metadata.v1.bolt/meta.db', '/proc/mounts'],
    writes: ['/run/containerd/io.containerd.runtime.v2.task/k8s.io/4f1c/log'],
  }),
  program({
    exePath: '/usr/bin/prometheus-node-exporter',
    commandLines: ['/usr/bin/prometheus-node-exporter --web.listen-address=:9100'],
    user: ['prometheus', 104],
    reads: ['/proc/stat', '/proc/net/dev', '/proc/diskstats', '/sys/class/thermal/thermal_zone0/temp', '/proc/loadavg'],
  }),
  program({
    exePath: '/usr/bin/ls',
    commandLines: ['ls --color=auto', 'ls -l /srv', 'ls -la'],
    parents: [SHELL, LOGIN, INIT],
    user: ['alice', 1000],
    reads: [...LIBRARIES, '/srv', '/home/alice/projects'],
  }),
  program({
    exePath: '/usr/bin/git',
    commandLines: ['git status --short', 'git rev-parse HEAD', 'git diff --stat'],
    parents: [SHELL, LOGIN, INIT],
    user: ['alice', 1000],
    reads: ['/home/alice/projects/shop/.git/HEAD', '/home/alice/projects/shop/.git/index', '/home/alice/projects/shop/src/app.ts'],
    writes: ['/home/alice/projects/shop/.git/index.lock'],
  }),
  program({
    exePath: '/usr/bin/python3.11',
    name: 'python3',
    commandLines: ['python3 -m app.worker', '/usr/bin/python3 /srv/jobs/report.py --month 7'],
    parents: [SHIM, INIT],
    user: ['app', 1001],
    isInContainer: true,
    reads: ['/usr/lib/python3.11/json/__init__.py', '/srv/jobs/report.py', '/usr/lib/python3.11/__pycache__/os.cpython-311.pyc'],
    writes: ['/srv/jobs/out/report-7.csv'],
  }),
  program({
    exePath: '/usr/bin/date',
    commandLines: ['date +%s', 'date -u'],
    parents: [['sh', '/usr/bin/dash'], ['cron', '/usr/sbin/cron'], INIT],
  }),
  program({
    exePath: '/usr/bin/sed',
    commandLines: ['sed -n 1,20p', 'sed s/a/b/'],
    parents: [['sh', '/usr/bin/dash'], ['make', '/usr/bin/make'], SHELL],
    user: ['alice', 1000],
  }),
  program({
    exePath: '/usr/bin/gcc-12',
    name: 'gcc',
    commandLines: ['gcc -O2 -c main.c -o main.o', 'gcc -Wall -g -c ring.c -o ring.o'],
    parents: [['make', '/usr/bin/make'], SHELL, LOGIN],
    user: ['alice', 1000],
    reads: ['/usr/include/stdio.h', '/usr/include/x86_64-linux-gnu/bits/types.h', '/home/alice/projects/ring/main.c'],
    writes: ['/home/alice/projects/ring/main.o'],
  }),
  program({
    exePath: '/usr/sbin/cron',
    commandLines: ['/usr/sbin/cron -f'],
    reads: ['/etc/localtime', '/etc/environment'],
  }),
  program({
    exePath: '/usr/bin/redis-server',
    commandLines: ['redis-server *:6379'],
    parents: [SHIM, INIT],
    user: ['redis', 999],
    isInContainer: true,
    reads: ['/srv/redis/dump.rdb'],
    writes: ['/srv/redis/temp-17.rdb'],
  }),
]

/** Images that ordinary containers run. */
export const ORDINARY_IMAGES: readonly string[] = [
  'registry.example/shop/web',
  'registry.example/shop/orders',
  'docker.io/library/postgres',
  'docker.io/library/redis',
]

/** Peers of ordinary connections: address and port. */
export const ORDINARY_PEERS: readonly (readonly [address: string, port: number])[] = [
  ['10.8.0.17', 5432],
  ['10.8.0.18', 6379],
  ['10.8.1.4', 8080],
  ['127.0.0.1', 9100],
  ['192.168.7.9', 443],
  ['fd00:8::17', 5432],
]
