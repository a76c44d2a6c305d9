#include "vnet/bpf_error.hpp"

#include <bpf/libbpf.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <utility>

namespace bulkhead::vnet {
namespace {

thread_local std::string refused;

int listen(libbpf_print_level level, const char* format, va_list arguments) {
    if (level != LIBBPF_WARN) return 0;
    va_list again;
    va_copy(again, arguments);
    const int length = std::vsnprintf(nullptr, 0, format, arguments);
    std::string text(static_cast<std::size_t>(std::max(length, 0)), '\0');
    std::vsnprintf(text.data(), text.size() + 1, format, again);
    va_end(again);
    if (auto why = refusal_in(text); !why.empty()) refused = std::move(why);
    return 0;
}

}  // namespace

std::string refusal_in(std::string_view text) {
    const auto end = text.find("\nprocessed ");
    if (!text.contains("BEGIN PROG LOAD LOG") || end == std::string_view::npos) return {};
    const auto line = text.substr(0, end);
    return std::string(line.substr(line.rfind('\n') + 1));
}

std::string last_refusal() {
    return std::exchange(refused, {});
}

void hush_libbpf() {
    libbpf_set_print(listen);
}

}  // namespace bulkhead::vnet
