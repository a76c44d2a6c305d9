#include "vnet/alias.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/units.hpp"
#include "model/port_text.hpp"

namespace bulkhead::vnet {
namespace {

// Kinds that have an interface, and what the kernel calls one of them; a wire may be of any kind.
struct LinkKind {
    model::PortKind kind;
    std::string_view link;
};
constexpr std::array link_kinds{
    LinkKind{model::PortKind::tap, "tun"}, LinkKind{model::PortKind::mirror, "tun"},
    LinkKind{model::PortKind::router, "veth"}, LinkKind{model::PortKind::guard, "veth"},
    LinkKind{model::PortKind::wire, ""}};

const LinkKind* find_link_kind(std::string_view word) {
    const auto found =
        std::ranges::find_if(link_kinds, [&](const LinkKind& each) { return to_string(each.kind) == word; });
    return found == link_kinds.end() ? nullptr : &*found;
}

}  // namespace

std::string alias_of(const model::Layout& layout, const model::Port& port) {
    return "bulkhead:" + layout.owner + ":" + port.partition.str() + ":" + std::to_string(port.index) + ":" +
           port.zone.str() +
           (port.kind == model::PortKind::tap ? "" : ":" + std::string(to_string(port.kind)));
}

std::optional<model::Port> port_of(const model::Layout& layout, const Link& link) {
    const std::string prefix = "bulkhead:" + layout.owner + ":";
    if (!link.alias.starts_with(prefix)) return std::nullopt;
    const auto fields = split_text(link.alias.substr(prefix.size()), ':');
    if (fields.size() != 3 && fields.size() != 4) return std::nullopt;
    const auto index = parse_number(fields[1], 0, 1'000'000);
    const LinkKind* kind = find_link_kind(fields.size() == 4 ? fields[3] : "tap");
    if (!index || kind == nullptr || (!kind->link.empty() && link.kind != kind->link)) return std::nullopt;
    model::Port port{model::PortName(link.name),
                     model::PartitionName(fields[0]),
                     static_cast<unsigned>(*index),
                     model::ZoneName(fields[2]),
                     {},
                     {}};
    port.kind = kind->kind;
    return port;
}

}  // namespace bulkhead::vnet
