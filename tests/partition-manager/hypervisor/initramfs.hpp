// The smallest initramfs: folders and one program.
#pragma once

#include <fmt/format.h>

#include <string>

namespace bulkhead::hypervisor {

// One entry of a cpio archive in "newc" format, cpio(5).
inline std::string cpio_entry(const std::string& name, unsigned mode, const std::string& content) {
    const auto padded = [](std::string text) {
        text.resize((text.size() + 3) / 4 * 4);
        return text;
    };
    std::string header = "070701";
    for (const std::size_t field :
         {std::size_t{0}, std::size_t{mode}, std::size_t{0}, std::size_t{0}, std::size_t{1}, std::size_t{0},
          content.size(), std::size_t{0}, std::size_t{0}, std::size_t{0}, std::size_t{0}, name.size() + 1,
          std::size_t{0}})
        header += fmt::format("{:08x}", field);
    return padded(header + name + '\0') + padded(content);
}

inline std::string initramfs(const std::string& init) {
    return cpio_entry("dev", 040755, "") + cpio_entry("init", 0100755, init) +
           cpio_entry("TRAILER!!!", 0, "");
}

}  // namespace bulkhead::hypervisor
