#include "model/pci_address.hpp"

#include <algorithm>

namespace bulkhead::model {

bool is_pci_address(std::string_view text) {
    static constexpr std::string_view shape = "hhhh:hh:sh.o";  // 32 slots, 8 functions
    const auto fits = [](char wanted, char c) {
        const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (wanted == 'h') return digit;
        if (wanted == 's') return c == '0' || c == '1';
        if (wanted == 'o') return c >= '0' && c <= '7';
        return wanted == c;
    };
    return std::ranges::equal(shape, text, fits);
}

}  // namespace bulkhead::model
