#include "vnet/predecessor.hpp"

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/log.hpp"
#include "base/units.hpp"
#include "vnet/alias.hpp"
#include "vnet/bpf/layout.h"

namespace bulkhead::vnet {
namespace {

constexpr std::string_view prefix = "format-";

// Of a folder of pins; 0: it is none.
unsigned format_of(const std::filesystem::path& folder) {
    const std::string name = folder.filename().string();
    if (!name.starts_with(prefix)) return 0;
    const auto format = parse_number(std::string_view(name).substr(prefix.size()), 1, 1'000'000);
    return format ? static_cast<unsigned>(*format) : 0;
}

std::vector<std::filesystem::path> folders_in(const std::filesystem::path& parent) {
    std::vector<std::filesystem::path> folders;
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator(parent, ec)) folders.push_back(entry.path());
    return folders;
}

Result<> replace(const model::Layout& layout, const std::filesystem::path& pins, const Program& program,
                 const std::vector<Link>& links) {
    for (const Link& link : links)
        if (port_of(layout, link)) BULKHEAD_TRY(program.guard(link.ifindex));
    // With their pins the older programs' links go; a filter has been exchanged by now.
    std::error_code ec;
    std::filesystem::remove_all(pins, ec);
    if (ec) return fail(Code::io, "can't remove the pins: " + ec.message(), pins.string());
    return {};
}

}  // namespace

std::filesystem::path pins_of(const model::Layout& layout) {
    return layout.bpf / (std::string(prefix) + std::to_string(SWITCH_FORMAT));
}

Result<> refuse_newer(const model::Layout& layout) {
    for (const auto& folder : folders_in(layout.bpf)) {
        const unsigned format = format_of(folder);
        if (format == 0 || format > SWITCH_FORMAT)
            return fail(Code::conflict,
                        "the switch in the kernel was made by a newer version of Bulkhead, or is none",
                        folder.string(), pins_of(layout).filename().string() + " or an older one",
                        "install that version again; or stop all partitions, then take the switch down and "
                        "start again");
    }
    return {};
}

Result<> replace_predecessor(const model::Layout& layout, const Program& program, Links& links) {
    for (const auto& folder : folders_in(layout.bpf)) {
        if (folder == pins_of(layout)) continue;
        BULKHEAD_TRY_ASSIGN(const auto all, links.all());
        BULKHEAD_TRY(replace(layout, folder, program, all));
        log::warning("replaced the switch of an older version: connections must be opened anew",
                     {{"was", folder.filename().string()}, {"is", pins_of(layout).filename().string()}});
    }
    return {};
}

}  // namespace bulkhead::vnet
