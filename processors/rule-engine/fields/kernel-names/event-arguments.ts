// Event arguments by name, as `evt.arg.NAME` and `evt.rawarg.NAME` use them, with the types of Falco's event table. A name that no event has
// is a mistake in the rule.
import type { FieldType } from '../field-type.js'

/** Names of the arguments of each type. */
const NAMES_BY_TYPE: readonly (readonly [type: FieldType, names: string])[] = [
  ['ERRNO', 'res status ret'],
  ['FD', 'fd fd_in fd1 fd2 fdin fdout in_fd out_fd oldfd newfd dirfd olddirfd newdirfd linkdirfd olddir newdir mountfd epfd uffd'],
  ['PID', 'pid tid ptid ppid vtid vpid next reaper_tid dpid spid'],
  ['FSPATH', 'path name filename pathname oldpath newpath linkpath target dir special trusted_exepath exepath new_root put_old'],
  ['CHARBUF', 'exe comm cwd cgroups env args uargs key dev source plugin query quotafilepath json user home shell container_id'],
  ['CHARBUF', 'origin scope description tags event_name info arg2_str desc image symlink'],
  ['BYTEBUF', 'data optval msgcontrol fds img'],
  ['INT8', 'trusted'],
  ['INT16', 'sem_op_0 sem_op_1'],
  ['INT32', 'backlog semid semnum nsems attr prog'],
  ['INT64', 'newcur newmax oldcur oldmax cur max sid vpgid pgid arg2_int off_in off_out'],
  ['UINT8', 'sig core l4proto queuepct'],
  ['UINT16', 'nativeID ID sem_num_0 sem_num_1'],
  ['UINT32', 'uid gid euid egid suid sgid ruid rgid fdlimit vm_size vm_rss vm_swap tty loginuid count nfds mask proto optlen ratio cpu'],
  [
    'UINT32',
    'action event_type plugin_id interval maxevents timeout resource_id sq_entries cq_entries to_submit min_complete entries nr_args queuelen queuemax',
  ],
  ['UINT64', 'size len offset pos length ino pgoffset old_size new_size cap_inheritable cap_permitted cap_effective exe_ino'],
  [
    'UINT64',
    'exe_ino_ctime exe_ino_mtime pidns_init_start_ts pidns error ip val initval argument event_data pgft_maj pgft_min nsops peer arg cpu_usr cpu_sys',
  ],
  [
    'FLAGS32',
    'flags prot type domain option statx_mask creation_flags sync_flags resolve semflg features sq_thread_cpu sq_thread_idle nstype',
  ],
  ['FLAGS16', 'request clockid operation quota_fmt quota_fmt_out cmd op opcode sem_flg_0 sem_flg_1'],
  ['FLAGS8', 'how in_out whence level optname advice resource'],
  ['MODE', 'mode'],
  ['SOCKADDR', 'addr'],
  ['SOCKTUPLE', 'tuple'],
]

const TYPE_BY_NAME: ReadonlyMap<string, FieldType> = new Map(
  NAMES_BY_TYPE.flatMap(([type, names]) => names.split(' ').map((name): [string, FieldType] => [name, type])),
)

/** Type of an argument of that name; undefined when no event has one. */
export function eventArgumentType(name: string): FieldType | undefined {
  return TYPE_BY_NAME.get(name)
}

/** Every name that `evt.arg` knows. */
export function eventArgumentNames(): Iterable<string> {
  return TYPE_BY_NAME.keys()
}
