// podman's events as `podman system service` 5.4 writes them, and places of cgroups as it tells them, also hostile ones.
import assert from 'node:assert/strict'
import { parsePodmanEvent, toldCgroupPath } from '../../../../../collector/containers/podman/podman-events.js'

const ID = '0a'.repeat(32)
const OTHER = '15'.repeat(32)
const PATHS = [`/libpod_parent/libpod-${ID}`, `/machine.slice/libpod-${ID}.scope`]

function event(action: string, attributes: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  return { status: action, id: ID, Type: 'container', Action: action, Actor: { ID, Attributes: attributes }, scope: 'local' }
}

describe('parsePodmanEvent', () => {
  it('knows creation, start, end and removal', () => {
    assert.deepEqual(parsePodmanEvent(event('create')), { type: 'created', containerId: ID, cgroupPaths: PATHS })
    assert.deepEqual(parsePodmanEvent(event('start')), { type: 'started', containerId: ID, cgroupPaths: PATHS })
    assert.deepEqual(parsePodmanEvent(event('died', { containerExitCode: '3' })), { type: 'stopped', containerId: ID, exitCode: 3 })
    assert.deepEqual(parsePodmanEvent(event('died')), { type: 'stopped', containerId: ID, exitCode: null })
    assert.deepEqual(parsePodmanEvent(event('remove')), { type: 'removed', containerId: ID })
  })

  it('passes over what is of no interest, of no container, or of no whole id', () => {
    assert.equal(parsePodmanEvent(event('init')), null)
    assert.equal(parsePodmanEvent({ ...event('start'), Type: 'pod' }), null)
    for (const id of ['web', ID.toUpperCase(), `${ID}0`, 7, null])
      assert.equal(parsePodmanEvent({ ...event('start'), Actor: { ID: id } }), null)
    assert.equal(parsePodmanEvent({}), null)
  })
})

describe('toldCgroupPath', () => {
  const own: readonly (readonly [string, string, string?])[] = [
    ['cgroupfs', `/libpod_parent/libpod-${ID}`],
    ['systemd', `/machine.slice/libpod-${ID}.scope`],
    ['systemd, below it', `/machine.slice/libpod-${ID}.scope/container`, `/machine.slice/libpod-${ID}.scope`],
    ['in a pod, systemd', `/machine.slice/machine-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`],
    ['in a pod, cgroupfs', `/libpod_parent/${OTHER}/libpod-${ID}`],
    ['of a unit', `/system.slice/web.service/libpod-payload-${ID}`],
    ['without root', `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`],
  ]
  for (const [what, path, expected = path] of own) {
    it(`takes the place of a container: ${what}`, () => {
      assert.equal(toldCgroupPath(path, ID), expected)
    })
  }

  const none: readonly (readonly [string, string])[] = [
    ['of nothing', ''],
    ['of the root', '/'],
    ["of another container's", `/machine.slice/libpod-${OTHER}.scope`],
    ["of Docker's", `/docker/${ID}`],
    ['inside of another container', `/docker/${OTHER}/libpod-${ID}`],
    ['that climbs', `/machine.slice/../machine.slice/libpod-${ID}.scope`],
    ['of the monitor', `/machine.slice/libpod-conmon-${ID}.scope`],
  ]
  for (const [what, path] of none) {
    it(`does not take a place ${what}`, () => {
      assert.equal(toldCgroupPath(path, ID), null)
    })
  }
})
