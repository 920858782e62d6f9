import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { PortInUseError, StackFailedError } from '../../../../infra/process/errors.js'
import { lastLines, runCommand } from '../../../../infra/local/command.js'
import { choosePorts, freePort, isPortFree } from '../../../../infra/local/ports.js'
import { identityOf, isAlive, signalProcess } from '../../../../infra/local/service-state.js'

describe('infra/local/service-state', () => {
  it('identifies this process by pid, boot and start', () => {
    const identity = identityOf(process.pid)
    assert.ok(identity)
    assert.equal(isAlive(identity), true)
    assert.match(identity.bootId, /^[0-9a-f-]{36}$/)
  })

  it('treats the same pid with another start or boot as another process, and does not signal it', () => {
    const identity = identityOf(process.pid)
    assert.ok(identity)
    const before = { ...identity, startTicks: '1' }
    assert.equal(isAlive(before), false)
    assert.equal(isAlive({ ...identity, bootId: 'another' }), false)
    assert.equal(signalProcess(before, 'SIGKILL'), false)
  })

  it('detects that a process has ended', async () => {
    const child = spawn('sleep', ['60'])
    await new Promise((resolve) => child.once('spawn', resolve))
    const identity = identityOf(child.pid ?? 0)
    assert.ok(identity)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    assert.equal(signalProcess(identity, 'SIGKILL'), true)
    await ended
    assert.equal(isAlive(identity), false)
  })
})

describe('infra/local/ports', () => {
  it('chooses free ports below those of outgoing connections', async () => {
    const port = await freePort()
    assert.ok(port >= 20_000 && port < 32_000)
    assert.equal(await isPortFree(port), true)
  })

  it('reuses the port of the previous run if it is free, and otherwise chooses another', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const taken = (server.address() as AddressInfo).port
    try {
      const free = await freePort()
      assert.deepEqual(await choosePorts(['a'], {}, { a: free }), { a: free })
      const { a } = await choosePorts(['a'], {}, { a: taken })
      assert.notEqual(a, taken)
      await assert.rejects(choosePorts(['a'], { a: taken }, undefined), PortInUseError)
    } finally {
      server.close()
    }
  })

  it('never gives a port twice, not even one that nobody listens to yet', async () => {
    const ports = new Set<number>()
    for (let i = 0; i < 300; i++) ports.add(await freePort())
    assert.equal(ports.size, 300)
    const [first, second] = [await freePort(), await freePort()]
    assert.deepEqual(await choosePorts(['a', 'b'], { b: first }, { a: second }), { a: second, b: first })
    const { a, b } = await choosePorts(['a', 'b'], { b: first }, { a: first })
    assert.equal(b, first)
    assert.notEqual(a, first)
    const same = await choosePorts(['a', 'b'], {}, { a: second, b: second })
    assert.notEqual(same['a'], same['b'])
  })
})

describe('infra/local/command', () => {
  it('returns what a command printed', async () => {
    assert.equal(await runCommand('sh', ['-c', 'echo yes'], { fix: 'install sh' }), 'yes\n')
  })

  it('names a missing command and the fix', async () => {
    await assert.rejects(runCommand('no-such-command-here', [], { fix: 'install it' }), (error: unknown) => {
      assert.ok(error instanceof StackFailedError)
      assert.equal(error.message, 'no-such-command-here is not installed: install it')
      return true
    })
  })

  it('shows the last lines of a command that failed', async () => {
    const failed = runCommand('sh', ['-c', 'for i in $(seq 50); do echo line $i >&2; done; exit 3'], { fix: 'look' })
    await assert.rejects(failed, (error: unknown) => {
      assert.ok(error instanceof StackFailedError)
      assert.match(error.message, /^sh ended with status 3: look\nline 39\n/)
      assert.match(error.message, /line 50$/)
      return true
    })
  })

  it('shows the reason above a stack of Java', async () => {
    const frames = 'for i in $(seq 30); do printf "\\tat java.base/a.B.c(B.java:$i)\\n" >&2; done; printf "\\t... 8 more\\n" >&2; exit 1'
    await assert.rejects(runCommand('sh', ['-c', `echo 'Exception: the reason' >&2; ${frames}`], { fix: 'look' }), {
      message: 'sh ended with status 1: look\nException: the reason',
    })
  })

  it('omits blank lines', () => {
    assert.equal(lastLines('a\n\n b\n \nc\n', 2), ' b\nc')
  })
})
