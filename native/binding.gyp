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
      "sources": ["src/addon.cc", "src/attach.cc", "src/every_thread.cc", "src/file_look.cc", "src/folder_lock.cc", "src/grace_period.cc", "src/iterator.cc", "src/live_filters.cc", "src/mapped_ring.cc", "src/pins.cc", "src/privileges.cc", "src/probe_error.cc", "src/programs.cc", "src/reader_page.cc", "src/rodata.cc", "src/session.cc", "src/session_filters.cc", "src/session_methods.cc", "src/table_entries.cc", "src/usage_session.cc", "src/usage_tables.cc", "src/waker.cc"],
      "include_dirs": ["../bpf"],
      "libraries": ["-lbpf"]
    },
    {
      "target_name": "regex",
      "sources": ["src/regex/addon.cc", "src/regex/regex.cc", "src/regex/regex_set.cc", "src/regex/utf8.cc"],
      "libraries": ["-lre2"]
    }
  ]
}
