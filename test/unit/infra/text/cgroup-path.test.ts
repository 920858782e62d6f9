// Layouts as the runtimes document them, hostile names, and the properties that hold for every path.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  claimsOfPath,
  parseCgroupPath,
  resolveNamespacePath,
  parseCgroupLine,
  pathOfLineOrPath,
} from '../../../../infra/text/cgroup-path.js'

const A = '1f'.repeat(32)
const B = '2e'.repeat(32)
const USER = '/user.slice/user-1000.slice/user@1000.service'

/** [what, path, runtime, container id, path of its own cgroup (default: the whole path)] */
const NAMED: readonly (readonly [string, string, string, string, string?])[] = [
  ['docker, cgroupfs driver', `/docker/${A}`, 'docker', A],
  ['docker, systemd driver', `/system.slice/docker-${A}.scope`, 'docker', A],
  ['docker without root', `${USER}/user.slice/docker-${A}.scope`, 'docker', A],
  ['docker below a parent of its own', `/batch/jobs/${A}`, 'docker', A],
  ['docker of a GitHub job', `/actions_job/${A}`, 'docker', A],
  ['docker in docker', `/docker/${A}/docker/${B}`, 'docker', B],
  ['below a container', `/docker/${A}/init.scope`, 'docker', A, `/docker/${A}`],
  ['kind: kubepods in docker', `/docker/${A}/kubelet/kubepods/burstable/pod12/${B}`, 'containerd', B],
  ['docker in a pod', `/kubepods/besteffort/pod12/${A}/docker/${B}`, 'docker', B],
  ['buildkit of docker', '/docker/buildkit/k2pzhlmbqwyrxo5ikwbcoqf3m', 'buildkit', 'k2pzhlmbqwyrxo5ikwbcoqf3m'],
  ['ECS on EC2', `/ecs/9b81b2d1-58a8-4a8e-9e35-7a0a3b5d1c11/${A}`, 'docker', A],
  ['ECS with a cluster in the path', `/ecs/blue/9b81b2d158a84a8e9e357a0a3b5d1c11/${A}`, 'docker', A],
  [
    'ECS on Fargate',
    '/ecs/cd189a933e5849daa93386466019ab50/cd189a933e5849daa93386466019ab50-2495160603',
    'containerd',
    'cd189a933e5849daa93386466019ab50-2495160603',
  ],
  ['containerd, kubepods, cgroupfs', `/kubepods/burstable/pod0a1b/${A}`, 'containerd', A],
  ['containerd, guaranteed pod', `/kubepods/pod0a1b/${A}`, 'containerd', A],
  ['containerd, kubepods, systemd', `/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-${A}.scope`, 'containerd', A],
  [
    'containerd, systemd path taken by cgroupfs',
    `/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:${A}`,
    'containerd',
    A,
  ],
  ['containerd, namespace and name', '/k8s.io/web.front-1', 'containerd', 'web.front-1'],
  ['containerd, namespace and id', `/default/${A}`, 'containerd', A],
  ['CRI-O, cgroupfs', `/kubepods/besteffort/pod12/crio-${A}`, 'cri-o', A],
  [
    'CRI-O, systemd, nested',
    `/kubepods.slice/kubepods-pod1.slice/crio-${A}.scope/container`,
    'cri-o',
    A,
    `/kubepods.slice/kubepods-pod1.slice/crio-${A}.scope`,
  ],
  ['podman, systemd', `/machine.slice/libpod-${A}.scope/container`, 'podman', A, `/machine.slice/libpod-${A}.scope`],
  ['podman, cgroupfs', `/libpod_parent/libpod-${A}`, 'podman', A],
  ['podman, split', `/system.slice/web.service/libpod-payload-${A}`, 'podman', A],
  ['podman without root', `${USER}/user.slice/libpod-${A}.scope/container`, 'podman', A, `${USER}/user.slice/libpod-${A}.scope`],
  ['podman in a pod', `/machine.slice/machine-libpod_pod_${B}.slice/libpod-${A}.scope`, 'podman', A],
  ['podman, cgroupfs, in a pod', `/libpod_parent/${B}/libpod-${A}`, 'podman', A],
  ['podman, v1 below a unit', `/machine.slice/libpod-${A}.scope`, 'podman', A],
  ['CRI-O, guaranteed pod, systemd', `/kubepods.slice/kubepods-pod1_2.slice/crio-${A}.scope`, 'cri-o', A],
  ['kubelet of kind', `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod1.slice/cri-containerd-${A}.scope`, 'containerd', A],
  ['k3s', `/kubepods/burstable/pod0a1b2c3d-58a8-4a8e-9e35-7a0a3b5d1c11/${A}`, 'containerd', A],
  ['nerdctl, cgroupfs', `/default/${A}`, 'containerd', A],
  ['nerdctl without root', `${USER}/user.slice/nerdctl-${A}.scope`, 'nerdctl', A],
  ['LXC, a name of 200 bytes', `/lxc.payload.${'n'.repeat(200)}`, 'lxc', 'n'.repeat(200)],
  ['LXC, a name like an id', `/lxc.payload.${A}`, 'lxc', A],
  ['a user who names a cgroup like a container of Docker', `${USER}/app.slice/docker-${A}.scope`, 'docker', A],
  ['a user who names a cgroup like an id', `${USER}/app.slice/${A}`, 'docker', A],
  ['a user who names a cgroup like a payload', `${USER}/app.slice/lxc.payload.web`, 'lxc', 'web'],
  ['nerdctl, systemd', `/system.slice/nerdctl-${A}.scope`, 'nerdctl', A],
  ['LXC, v2', '/lxc.payload.web-1', 'lxc', 'web-1'],
  ['LXC, below', '/lxc.payload.web-1/system.slice/cron.service', 'lxc', 'web-1', '/lxc.payload.web-1'],
  ['LXC, v1', '/lxc/web', 'lxc', 'web'],
  ['LXC of Proxmox', '/lxc/101/ns', 'lxc', '101', '/lxc/101'],
  ['LXC in LXC', '/lxc/a/lxc/b', 'lxc', 'b'],
  ['LXC, below a container called lxc', '/lxc/lxc/init.scope', 'lxc', 'lxc', '/lxc/lxc'],
  [
    'systemd-nspawn, escaped name',
    '/machine.slice/machine-my\\x2dbox.scope/payload',
    'systemd',
    'my-box',
    '/machine.slice/machine-my\\x2dbox.scope',
  ],
  ['garden', '/system.slice/garden.service/garden/70eb4b47-fab6-453c-4057-7391', 'garden', '70eb4b47-fab6-453c-4057-7391'],
  ['Mesos', '/mesos/3b1cf944-1d97-40a6-ac73-b156ac2f2bfe', 'mesos', '3b1cf944-1d97-40a6-ac73-b156ac2f2bfe'],
  ['a short id after a prefix', '/foo/crio-0123abc.scope', 'cri-o', '0123abc'],
  ['a relative path', `foo/docker-${A}.scope`, 'docker', A],
]

/** [what, path] */
const NONE: readonly (readonly [string, string])[] = [
  ['the root', '/'],
  ['nothing', ''],
  ['a bare id', A],
  ['a bare scope', `docker-${A}.scope`],
  ['init', '/init.scope'],
  ['a user session', `${USER}/init.scope`],
  ['a service of two parts', '/system.slice/ssh.service'],
  ['a unit in a slice', '/default/short.service'],
  ['only the suffix of a unit', '/default/.scope'],
  ['kubepods itself', '/kubepods/besteffort'],
  ['a pod', '/kubepods/pod0a1b2c3d'],
  ['a pod of podman', `/libpod_parent/${A}`],
  ['the monitor of CRI-O', `/kubepods.slice/kubepods-pod1.slice/crio-conmon-${A}.scope`],
  ['the monitor of podman', `/machine.slice/libpod-conmon-${A}.scope`],
  ['the monitor of podman, cgroupfs', '/libpod_parent/conmon'],
  ['the monitor of LXC', '/lxc.monitor.web'],
  ['the monitor of LXC, v1', '/lxc.monitor/web'],
  ['a virtual machine', '/machine.slice/machine-qemu\\x2d1\\x2dweb.scope'],
  ['docker itself', '/docker'],
  ['a short name below docker', '/docker/0123abc'],
  ['an id in upper case', `/docker/${A.toUpperCase()}`],
  ['an id in upper case after a prefix', `/a/b/docker-${A.toUpperCase()}.scope`],
  ['an id in upper case in a pod', `/kubepods/burstable/pod1/${A.toUpperCase()}`],
  ['an id in upper case of CRI-O', `/kubepods.slice/kubepods-pod1.slice/crio-${A.toUpperCase()}.scope`],
  ['an id with one letter in upper case', `/docker/${A.slice(0, -1)}F`],
  ['a name of 255 bytes below docker', `/docker/${'a'.repeat(255)}`],
  ['a name of 255 bytes in a pod', `/kubepods/burstable/pod1/crio-${'f'.repeat(250)}`],
  ['the monitor of podman in a pod', `/machine.slice/machine-libpod_pod_${B}.slice/libpod-conmon-${A}.scope`],
  ['a payload without a name', '/a/b/lxc.payload.'],
  ['an id too long', `/docker/${A}0`],
  ['an id too long after a prefix', `/default/docker-${A}0.scope`],
  ['a prefix without an id', '/a/b/docker-.scope'],
  ['a name of 255 bytes', `/a/b/docker-${'0'.repeat(255 - 'docker-'.length)}`],
  ['a prefix in the middle', `/a/b/xdocker-${A}.scope`],
  ['something after the suffix', `/a/b/docker-${A}.scopeX`],
]

describe('parseCgroupPath', () => {
  for (const [what, path, runtime, containerId, cgroupPath = path] of NAMED) {
    it(`names the container of: ${what}`, () => {
      const own = cgroupPath.startsWith('/') ? cgroupPath : `/${cgroupPath}`
      assert.deepEqual(parseCgroupPath(path), { runtime, containerId, cgroupPath: own })
    })
  }
  for (const [what, path] of NONE) {
    it(`names none for: ${what}`, () => {
      assert.equal(parseCgroupPath(path), null)
    })
  }

  const part = fc.oneof(
    fc.constantFrom(
      'docker',
      'kubepods',
      'lxc',
      'ecs',
      'system.slice',
      A,
      B,
      `docker-${A}.scope`,
      `crio-${B}`,
      'lxc.payload.x',
      'init.scope',
    ),
    fc.string({ unit: 'binary', maxLength: 255 }).map((text) => text.replaceAll('/', '').replaceAll('\0', '')),
  )
  const paths = fc.array(part, { maxLength: 8 }).map((parts) => `/${parts.join('/')}`)

  it('never throws, and names only parts of the path', () => {
    fc.assert(
      fc.property(paths, (path) => {
        const claim = parseCgroupPath(path)
        if (claim === null) return
        assert.ok(claim.containerId.length > 0 && claim.cgroupPath.length > 1)
        assert.ok(`${path.replace(/\/+/g, '/')}/`.startsWith(`${claim.cgroupPath}/`))
        assert.ok(
          claim.runtime === 'systemd' ||
            claim.cgroupPath.endsWith(claim.containerId) ||
            claim.cgroupPath.endsWith(`${claim.containerId}.scope`),
        )
      }),
    )
  })

  it('returns the same container for the cgroups below it', () => {
    fc.assert(
      fc.property(paths, fc.constantFrom('init.scope', 'system.slice/cron.service', 'a/b/c'), (path, below) => {
        const claim = parseCgroupPath(path)
        if (claim === null || claim.cgroupPath.split('/').length <= 3) return // a containerd namespace contains names, nothing below
        assert.deepEqual(parseCgroupPath(`${claim.cgroupPath}/${below}`), claim)
      }),
    )
  })

  it('parses long paths in linear time', () => {
    const path = `/${'docker-'.repeat(600_000)}/${'0'.repeat(4_000_000)}/${'a:'.repeat(1_000_000)}`
    assert.equal(parseCgroupPath(path), null) // would not end with a pattern that backtracks
  })
})

describe('claimsOfPath', () => {
  const ids = (path: string, most = 8): string[] => claimsOfPath(path, most).map(({ containerId }) => containerId)

  it('names every container of the path, the innermost first, up to the bound', () => {
    const nested = `/docker/${A}/init/docker-${B}.scope/lxc/web/x`
    assert.deepEqual(ids(nested), ['web', B, A])
    assert.deepEqual(ids(nested, 2), ['web', B])
    assert.deepEqual(ids(`/default/web/docker-${B}.scope`), [B])
  })
  it('names one for an ordinary container, and none on the host', () => {
    for (const path of [`/system.slice/docker-${A}.scope`, `/docker/${A}`, `/kubepods/burstable/pod1/${A}`])
      assert.deepEqual(ids(path), [A])
    for (const path of ['/', '/init.scope', '/system.slice/ssh.service', '']) assert.deepEqual(ids(path), [])
  })
})

describe('resolveNamespacePath', () => {
  const cases: readonly (readonly [string, string, string | null])[] = [
    ['/docker/x', '/', '/docker/x'],
    ['/docker/x', '', '/docker/x'],
    ['/docker/x', '/init.scope', '/docker/x/init.scope'],
    ['/docker/x', '/../y', '/docker/y'],
    ['/docker/x', '/../../init.scope', '/init.scope'],
    ['/docker/x', '/../..', '/'],
    ['/docker/x', '/../../../init.scope', null],
    ['/', '/a', '/a'],
    ['/', '/../a', null],
    ['', '/../a', null],
    ['/docker/x', '/a/../b', null],
    ['/docker/x', '/..a', '/docker/x/..a'],
  ]
  for (const [prefix, path, resolved] of cases) {
    it(`resolves ${path || '(empty)'} seen from ${prefix || '(empty)'} to ${resolved}`, () =>
      assert.equal(resolveNamespacePath(prefix, path), resolved))
  }

  it('resolves every path from every cgroup, in the notation of the kernel', () => {
    const parts = fc.array(fc.constantFrom('a', 'b', 'c', '..d'), { maxLength: 5 })
    fc.assert(
      fc.property(parts, parts, (from, to) => {
        let common = 0
        while (common < from.length && common < to.length && from[common] === to[common]) common++
        const shown = [...from.slice(common).map(() => '..'), ...to.slice(common)]
        assert.equal(resolveNamespacePath(`/${from.join('/')}`, `/${shown.join('/')}`), `/${to.join('/')}`)
      }),
    )
  })
})

describe('parseCgroupLine', () => {
  it('parses lines of v1, v2 and named hierarchies', () => {
    assert.deepEqual(parseCgroupLine('0::/a/b'), { hierarchyId: 0, controllers: '', path: '/a/b', isDeleted: false })
    assert.deepEqual(parseCgroupLine('4:cpu,cpuacct:/a'), { hierarchyId: 4, controllers: 'cpu,cpuacct', path: '/a', isDeleted: false })
    assert.deepEqual(parseCgroupLine('9:name=systemd:/'), { hierarchyId: 9, controllers: 'name=systemd', path: '/', isDeleted: false })
  })

  it('preserves colons and line feeds of the path', () => {
    assert.equal(parseCgroupLine('0::/a.slice:cri-containerd:ff')?.path, '/a.slice:cri-containerd:ff')
    assert.equal(parseCgroupLine('0::/a\n1:cpu:/b')?.path, '/a\n1:cpu:/b')
  })

  it('recognizes the mark of a removed cgroup, which only v2 lines have', () => {
    assert.deepEqual(parseCgroupLine('0::/a (deleted)'), { hierarchyId: 0, controllers: '', path: '/a', isDeleted: true })
    assert.equal(parseCgroupLine('3:pids:/a (deleted)')?.path, '/a (deleted)')
  })

  it('rejects anything else', () => {
    for (const text of ['', '/a:b:/c', '0:', '0::', '0::a', 'x::/a', '12345678901::/a', '-1::/a']) assert.equal(parseCgroupLine(text), null)
  })

  it('returns a path unchanged', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => assert.equal(pathOfLineOrPath(`/${text}`), `/${text}`)))
    fc.assert(fc.property(fc.nat(64), fc.string(), (id, text) => assert.equal(pathOfLineOrPath(`${id + 1}:cpu:/${text}`), `/${text}`)))
  })
})
