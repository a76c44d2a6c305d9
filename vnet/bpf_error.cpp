#include "vnet/bpf_error.hpp"

#include <bpf/libbpf.h>

#include <cstdarg>

namespace bulkhead::vnet {
namespace {

int discard(libbpf_print_level, const char*, va_list) {
    return 0;
}

}  // namespace

void hush_libbpf() {
    libbpf_set_print(discard);
}

}  // namespace bulkhead::vnet
