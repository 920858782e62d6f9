import assert from 'node:assert/strict'
import { useDocker } from './docker.js'
describe('test docker', function () {
  this.timeout(90000)
  const docker = useDocker()
  it('runs a container', async () => {
    assert.match(await docker().run([], ['cat', '/etc/shadow']), /root/)
    const id = await docker().runDetached(['--name', 'x'], ['sleep', '1000'])
    assert.match(id, /^[0-9a-f]{64}$/)
    console.log(id)
    await docker().killDaemon()
    await docker().startDaemon()
    console.log(await docker().docker('ps'))
    if (process.env.CRASH) process.kill(process.pid, 'SIGKILL')
  })
})
