{
  "target_defaults": {
    "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
    # The last one: where a worker is ended, JavaScript can't run any more, and a throw would end the process.
    "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
    "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fno-exceptions"]
  },
  "targets": [
    {
      "target_name": "eunomia",
      "sources": [
        "src/addon.cc",
        "src/process/cgroup_handle.cc",
        "src/process/call_filter.cc",
        "src/process/every_thread.cc",
        "src/process/guarded_reads.cc",
        "src/process/path_handle.cc",
        "src/process/folder_lock.cc",
        "src/process/privileges.cc",
        "src/process/service_notify.cc",
        "src/process/socket_peer.cc",
        "src/programs/bpf_object.cc",
        "src/programs/placeholder.cc",
        "src/programs/probe_error.cc",
        "src/programs/programs.cc",
        "src/programs/table_entries.cc",
        "src/programs/task_args.cc",
        "src/rings/mapped_ring.cc",
        "src/rings/pins.cc",
        "src/rings/reader_page.cc",
        "src/rings/waker.cc",
        "src/session/live_filters.cc",
        "src/session/session.cc",
        "src/session/session_filters.cc",
        "src/session/session_methods.cc",
        "src/usage/usage_session.cc",
        "src/usage/usage_tables.cc"
      ],
      "include_dirs": ["src", "../bpf"],
      # Linked in, where it is there to be linked in, so that its system calls can be wrapped (src/programs/placeholder.cc).
      "libraries": [
        "<!@(if test -e `cc -print-file-name=libbpf.a`; then echo -Wl,--wrap=syscall,--wrap=stderr,--exclude-libs,libbpf.a -l:libbpf.a -lelf -lz; else echo -lbpf; fi)"
      ]
    },
    {
      "target_name": "regex",
      "sources": ["src/regex/addon.cc", "src/regex/regex.cc", "src/regex/regex_set.cc", "src/regex/utf8.cc"],
      "libraries": ["-lre2"]
    }
  ]
}
