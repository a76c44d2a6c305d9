#include "base/log.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace bulkhead::log {
namespace {

std::string& program() {
    static std::string name;
    return name;
}

thread_local std::string current_operation;

void write_line(std::string_view level, std::string_view text, Fields fields) {
    std::string line = "{\"time\":" + json_string(rfc3339(SystemClock{}.utc())) +
                       ",\"level\":" + json_string(level) + ",\"program\":" + json_string(program());
    if (!current_operation.empty()) line += ",\"operation\":" + json_string(current_operation);
    line += ",\"text\":" + json_string(text);
    for (const auto& [key, value] : fields) line += "," + json_string(key) + ":" + json_string(value);
    line += "}\n";
    // A log that can't be written must not stop the daemon.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void set_program(std::string_view name) {
    program() = name;
}
void set_operation(std::string operation) {
    current_operation = std::move(operation);
}
void info(std::string_view text, Fields fields) {
    write_line("info", text, fields);
}
void warning(std::string_view text, Fields fields) {
    write_line("warning", text, fields);
}
void error(std::string_view text, Fields fields) {
    write_line("error", text, fields);
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : valid_utf8(text)) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    std::array<char, 8> escape{};
                    std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
                    out += escape.data();
                } else {
                    out += c;
                }
        }
    }
    return out + "\"";
}

}  // namespace bulkhead::log
