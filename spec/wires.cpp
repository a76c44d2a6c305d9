#include <string>
#include <utility>

#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// One zone has one place on a card: the untagged frames, or those of one tag.
void check_card_is_free(Validation& run, const std::string& path, const model::Wire& wire) {
    run.wired_cards.insert(wire.interface);
    const auto place = wire.interface + (wire.vlan == 0 ? "" : ", VLAN " + std::to_string(wire.vlan));
    if (const std::string* first = run.cards.put(place, path + ".interface"))
        run.findings.add(path + ".interface", place + " is in use already", "a card or a VLAN of its own",
                         "change it here or at " + run.findings.place(*first));
}

// The source of a frame: a group address can be nobody's.
model::Mac check_mac(Validation& run, const std::string& path, const std::string& value) {
    if (value.empty()) {
        missing(run.findings, path, "a MAC address such as 02:00:00:00:00:01");
        return {};
    }
    const auto mac = model::parse_mac(value);
    if (!mac) {
        run.findings.add(path, mac.error());
        return {};
    }
    if ((mac->bytes[0] & 1U) != 0 || *mac == model::Mac{})
        run.findings.add(path, in_quotes(value) + " can't be a machine's own", "a unicast MAC address");
    return *mac;
}

model::WireHost validate_host(Validation& run, const std::string& path, const v1alpha1::Host& in,
                              const model::Zone& zone) {
    model::WireHost out{model::EndName(in.name()), check_mac(run, path + ".mac", in.mac()), {}, {}};
    run.ends.declare(run.findings, path + ".name", in.name());
    const auto address = check_address(run, path + ".address", in.address(), &zone);
    out.address = address.value_or(model::Ipv4{});
    if (!in.address6().empty())
        out.address6 = check_address6(run, path + ".address6", in.address6(), &zone, out.mac);
    if (address) check_unique_address(run, path + ".address", to_string(*address));
    if (out.address6) check_unique_address(run, path + ".address6", to_string(*out.address6));
    return out;
}

}  // namespace

void validate_wire(Validation& run, std::size_t zone) {
    const auto& in = run.in.zones(static_cast<int>(zone)).wire();
    const std::string path = item("zones", zone) + ".wire";
    model::Wire out{in.interface(), check_vlan(run.findings, path + ".vlan", in.vlan()), {}};
    if (check_card(run.findings, path + ".interface", in.interface())) check_card_is_free(run, path, out);
    const auto count = check_count(run.findings, path + ".hosts", in.hosts_size(), most::hosts);
    for (std::size_t i = 0; i < count; ++i)
        out.hosts.push_back(
            validate_host(run, item(path + ".hosts", i), in.hosts(static_cast<int>(i)), run.out.zones[zone]));
    run.out.zones[zone].wire = std::move(out);
}

}  // namespace bulkhead::spec
