// What a cgroup path says of a container by its names alone. A claim is no proof: anybody who may make a cgroup may name it so.

/** Runtimes whose cgroup layouts are known. */
export type RuntimeName = 'docker' | 'containerd' | 'cri-o' | 'podman' | 'nerdctl' | 'lxc' | 'systemd' | 'buildkit' | 'garden' | 'mesos'

/** A container as one part of a cgroup path names it. */
export interface ContainerClaim {
  readonly runtime: RuntimeName
  /** Whole id: 64 hex digits for most, or the name where the runtime knows its containers by name (LXC, nspawn, containerd). */
  readonly containerId: string
  /** Path of the container's own cgroup, which begins the path that was parsed; no slash at its end. */
  readonly cgroupPath: string
}
