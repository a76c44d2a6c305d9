// Logs are JSON lines on stderr: time, level, program, operation, text and fields. One line is one write.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace bulkhead::log {

using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

// Name of the program in every line; call once, before threads start.
void set_program(std::string_view name);

// The identifier of the operation (apply, reconcile, ...) that this thread works for; empty for none.
void set_operation(std::string operation);

void info(std::string_view text, Fields fields = {});
void warning(std::string_view text, Fields fields = {});
void error(std::string_view text, Fields fields = {});

// A JSON string with its quotes (RFC 8259). Invalid UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

}  // namespace bulkhead::log
