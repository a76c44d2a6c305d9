// A port as one line of JSON, as journals and the switch's records keep it. What a port has not is left out,
// and what is left out has its default: lines of older versions stay readable.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "model/resources.hpp"

namespace bulkhead::model {

std::string port_text(const Port& port);
// Code::corrupt if it is none.
Result<Port> parse_port_text(std::string_view text);

std::string_view to_string(PortKind kind);  // tap, wire, host, ...

}  // namespace bulkhead::model
