#include "model/guest_line.hpp"

namespace bulkhead::model {

std::string guest_setting(SerialLine line) {
    line.rs485.reset();
    line.turns.reset();
    return to_string(line);
}

}  // namespace bulkhead::model
