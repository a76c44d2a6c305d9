#include "vnet/alias.hpp"

#include "base/text.hpp"
#include "base/units.hpp"

namespace bulkhead::vnet {

std::string alias_of(const model::Layout& layout, const model::Port& port) {
    return "bulkhead:" + layout.owner + ":" + port.partition.str() + ":" + std::to_string(port.index) + ":" +
           port.zone.str();
}

std::optional<model::Port> port_of(const model::Layout& layout, const Link& link) {
    const std::string prefix = "bulkhead:" + layout.owner + ":";
    if (link.kind != "tun" || !link.alias.starts_with(prefix)) return std::nullopt;
    const auto fields = split_text(link.alias.substr(prefix.size()), ':');
    if (fields.size() != 3) return std::nullopt;
    const auto index = parse_number(fields[1], 0, 1'000'000);
    if (!index) return std::nullopt;
    return model::Port{model::PortName(link.name),
                       model::PartitionName(fields[0]),
                       static_cast<unsigned>(*index),
                       model::ZoneName(fields[2]),
                       {},
                       {}};
}

}  // namespace bulkhead::vnet
