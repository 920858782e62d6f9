// One ordinary record of each kind, for tests and benches: each call creates a new plain object.
import type { ContainerFacts, FileEvent, Origin, Process, ProcessEvent } from '../../../schemas/generated/types.js'

const CONTAINER_ID = '4f1c0c5de2a94b7f9a3b5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809112'

/** Where and when a record was made. */
export function sampleOrigin(change: Partial<Origin> = {}): Origin {
  return {
    hostId: '0b5f2f0e-9d0a-4f5e-8f0b-2f1d6a7c9e11',
    hostName: 'node-17',
    bootId: 'a1b2c3d4-0000-4000-8000-1234567890ab',
    epoch: 1_760_000_000_000_000,
    cpu: 3,
    seq: 918_273,
    bootTimeUs: 86_400_123_456,
    wallTimeUs: 1_760_086_400_123_456,
    ...change,
  }
}

/** A shell's child in a container. */
export function sampleProcess(change: Partial<Process> = {}): Process {
  return {
    name: 'cat',
    containerId: CONTAINER_ID,
    containerClaim: CONTAINER_ID,
    exePath: '/bin/cat',
    args: ['cat', '/etc/shadow'],
    ancestors: [
      { pid: 4200, startBootUs: 86_399_000_000, name: 'sh', exe: 'sh', exePath: '/bin/sh', exeFlags: 0, program: null },
      {
        pid: 4100,
        startBootUs: 86_000_000_000,
        name: 'containerd-shim',
        exe: '/usr/bin/containerd-shim-runc-v2',
        exePath: null,
        exeFlags: 0,
        program: null,
      },
      {
        pid: 1,
        startBootUs: 1_000_000,
        name: 'systemd',
        exe: '/sbin/init',
        exePath: '/usr/lib/systemd/systemd',
        exeFlags: 0,
        program: null,
      },
    ],
    parentArgs: ['sh', '-c', 'cat /etc/shadow'],
    pid: 4242,
    startBootUs: 86_400_100_000,
    execCount: 1,
    parentPid: 4200,
    uid: 0,
    gid: 0,
    euid: 0,
    egid: 0,
    loginUid: null,
    user: 'root',
    group: 'root',
    loginUser: null,
    tty: null,
    sessionId: 4200,
    processGroupId: 4242,
    namespacePid: 7,
    namespaceProcessGroupId: 7,
    parentNamespacePid: null,
    cwd: '/',
    capEffective: 0xa80425fb,
    capPermitted: 0xa80425fb,
    capInheritable: 0,
    isExeUpperLayer: false,
    isExeMemfd: false,
    isExeWritable: null,
    isExeLowerLayer: null,
    exeInode: '131077',
    exeDevice: 0x2d,
    exeCtimeUs: 1_759_000_000_000_000,
    exeMtimeUs: 1_758_000_000_000_000,
    cgroupId: '10563',
    cgroupPath: `/docker/${CONTAINER_ID}`,
    argsTruncated: false,
    argsBytes: 16,
    env: null,
    sessionLeader: null,
    processGroupLeader: null,
    stdin: null,
    stdout: null,
    stderr: null,
    namespaces: null,
    exeSha256: null,
    containerEntry: null,
    systemdUnit: null,
    systemdUserUnit: null,
    envTruncated: null,
    exeFlags: 0,
    exeUid: null,
    exeMode: null,
    program: null,
    exePlace: null,
    cwdPlace: null,
    ...change,
  }
}

/** An open for reading. */
export function sampleFileEvent(change: Partial<FileEvent> = {}): FileEvent {
  return {
    type: 'open',
    syscall: 'openat',
    path: '/etc/shadow',
    newPath: null,
    isRead: true,
    isWrite: false,
    isCreate: false,
    isCreated: false,
    result: 3,
    descriptorType: null,
    process: sampleProcess(),
    flags: 0x8000,
    mode: null,
    pathArgument: null,
    newPathArgument: null,
    linkTarget: null,
    pathSource: 'kernel',
    pathTruncated: false,
    threadId: 4242,
    inode: '262150',
    device: 0x2d,
    uid: null,
    gid: null,
    fd: null,
    directoryFd: null,
    newDirectoryFd: null,
    resolve: null,
    isUpperLayer: null,
    isLowerLayer: null,
    size: null,
    attribute: null,
    accessTimeUs: null,
    modificationTimeUs: null,
    place: null,
    newPlace: null,
    flagsSource: 'kernel',
    origin: sampleOrigin(),
    raw: null,
    ...change,
  }
}

/** An exec that went well. */
export function sampleProcessEvent(change: Partial<ProcessEvent> = {}): ProcessEvent {
  return {
    type: 'exec',
    syscall: 'execve',
    result: 0,
    process: sampleProcess(),
    filename: '/bin/cat',
    cloneFlags: null,
    attemptedArgs: null,
    exitCode: null,
    exitSignal: null,
    coreDumped: null,
    durationUs: null,
    threadId: 4242,
    origin: sampleOrigin(),
    raw: null,
    ...change,
  }
}

/** Facts of the container of sampleProcess. */
export function sampleContainerFacts(change: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    name: 'web',
    image: 'registry.example/shop/web:1.4',
    imageRepository: 'registry.example/shop/web',
    imageTag: '1.4',
    imageId: `sha256:${'ab'.repeat(32)}`,
    imageDigest: null,
    labels: { app: 'web', tier: 'front' },
    isPrivileged: false,
    mounts: [{ source: '/srv/data', destination: '/data', type: 'bind', isWritable: true, propagation: 'rprivate' }],
    createdAtUs: 1_760_000_000_000_000,
    pod: null,
    ...change,
  }
}
