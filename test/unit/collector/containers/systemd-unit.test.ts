// systemd units of cgroup paths, including forged paths.
import assert from 'node:assert/strict'
import { systemdUnitsOf } from '../../../../collector/containers/systemd-unit.js'

const LONG = 'a'.repeat(247)

describe('the systemd unit of a cgroup', () => {
  for (const [path, unit, userUnit] of [
    ['/system.slice/sshd.service', 'sshd.service', null],
    ['/init.scope', 'init.scope', null],
    ['/system.slice/system-getty.slice/getty@tty1.service', 'getty@tty1.service', null],
    ['/system.slice/dev-disk-by\\x2duuid-1\\x2d2.swap', 'dev-disk-by\\x2duuid-1\\x2d2.swap', null],
    ['/system.slice/a\\x2db.service/worker/7', 'a\\x2db.service', null],
    ['/user.slice/user-1000.slice/session-3.scope', 'session-3.scope', null],
    ['/user.slice/user-1000.slice/user@1000.service/init.scope', 'user@1000.service', 'init.scope'],
    ['/user.slice/user-1000.slice/user@1000.service/app.slice/app-x.slice/app-x@1.service', 'user@1000.service', 'app-x@1.service'],
    ['/user.slice/user-1000.slice/user@1000.service', 'user@1000.service', null],
    // Names reserved by the kernel are prefixed with _.
    ['/system.slice/_cgroup.service', 'cgroup.service', null],
    ['/machine.slice/libpod_parent/x', null, null],
    ['/docker/0123', null, null],
    ['/', null, null],
    ['', null, null],
    ['system.slice/sshd.service', null, null],
    [null, null, null],
  ] as const) {
    it(`is ${String(unit)}, user unit ${String(userUnit)}, for ${String(path)}`, () => {
      assert.deepEqual(systemdUnitsOf(path), { unit, userUnit })
    })
  }

  for (const [what, path, expected] of [
    ['a user unit named like a system unit', '/user.slice/user-1.slice/user@1.service/sshd.service', 'user@1.service'],
    ['a cgroup below a service, named like another service', '/system.slice/web.service/sshd.service', 'web.service'],
    ['a folder that is not a slice before a service', '/system.slice/tmp/sshd.service', null],
    ['a name with a line break', '/system.slice/sshd\n.service', null],
    ['a name with a blank and shell syntax', '/system.slice/$(id) .service', null],
    ['a suffix alone', '/system.slice/.service', null],
    ['a path that climbs', '/system.slice/../sshd.service', null],
    ['a name longer than a unit name may be', `/system.slice/${LONG}${LONG}.service`, null],
    ['a name of maximum length', `/system.slice/${LONG}.service`, `${LONG}.service`],
    ['a thousand slices', `${'/a.slice'.repeat(1000)}/sshd.service`, null],
  ] as const) {
    it(`is not taken from ${what}`, () => {
      assert.deepEqual(systemdUnitsOf(path).unit, expected)
    })
  }

  it('includes a user unit only below the manager of that user', () => {
    assert.equal(systemdUnitsOf('/system.slice/user@x.service/sshd.service').userUnit, null)
  })
})
