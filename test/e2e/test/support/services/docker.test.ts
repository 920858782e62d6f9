// The test daemon itself: what other tests take for granted of it.
import assert from 'node:assert/strict'
import { useDocker } from '../../../../support/services/docker.js'

describe('the Docker daemon of the test run', () => {
  const docker = useDocker()

  it('runs busybox applets in a container of its own cgroup', async () => {
    assert.match(await docker().run(['--rm'], ['cat', '/etc/shadow']), /^root:/)
    const id = await docker().runDetached([], ['sleep', '1000'])
    assert.match(id, /^[0-9a-f]{64}$/)
    assert.match(await docker().docker('exec', id, 'cat', '/proc/self/cgroup'), new RegExp(`^0::/docker/${id}$`, 'm'))
    await docker().docker('rm', '-f', id)
  })

  it('rejects with what the command said when it fails', async () => {
    await assert.rejects(docker().run(['--rm'], ['cat', '/missing']), /No such file/)
  })
})
