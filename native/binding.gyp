{
  "targets": [
    {
      "target_name": "eunomia",
      "sources": ["src/addon.cc", "src/mapped_ring.cc", "src/probe_error.cc", "src/programs.cc", "src/session.cc", "src/waker.cc"],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")", "../bpf"],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS"],
      "cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fno-exceptions"],
      "libraries": ["-lbpf"]
    }
  ]
}
