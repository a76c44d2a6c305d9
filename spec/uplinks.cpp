#include <optional>
#include <string>
#include <utility>

#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

// 192.0.2.10/24: the host part stays.
std::optional<model::UplinkAddress> parse_address(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) return std::nullopt;
    const auto address = model::parse_ipv4(std::string_view(text).substr(0, slash));
    const auto length = parse_number(std::string_view(text).substr(slash + 1), 1, 30);
    if (!address || !length) return std::nullopt;
    model::Ipv4Prefix network{*address, static_cast<unsigned>(*length)};
    network.network.bits &= network.mask();
    if (!network.is_host(*address)) return std::nullopt;
    return model::UplinkAddress{*address, network, {}};
}

model::UplinkAddress validate_address(Validation& run, const std::string& path, const v1alpha1::Uplink& in) {
    if (in.address().empty()) {
        missing(run.findings, path + ".address", "the router's address there, such as 192.0.2.10/24");
        return {};
    }
    auto out = parse_address(in.address());
    if (!out) {
        run.findings.add(path + ".address", in_quotes(in.address()) + " is not an address with its length",
                         "a host's address such as 192.0.2.10/24");
        return {};
    }
    if (in.gateway().empty()) {
        missing(run.findings, path + ".gateway",
                "the address of the next router in " + to_string(out->network));
        return {};
    }
    const auto gateway = model::parse_ipv4(in.gateway());
    if (!gateway)
        run.findings.add(path + ".gateway", gateway.error());
    else if (!out->network.is_host(*gateway) || *gateway == out->address)
        run.findings.add(path + ".gateway", in.gateway() + " can't be the next router",
                         "another host of " + to_string(out->network));
    for (const auto& zone : run.out.zones)
        if (zone.subnet.length != 0 && zone.subnet.overlaps(out->network))
            run.findings.add(path + ".address",
                             to_string(out->network) + " overlaps zone " + in_quotes(zone.name.str()),
                             "a network apart from all zones");
    out->gateway = gateway.value_or(model::Ipv4{});
    return *out;
}

// 2001:db8:1::10/64: the host part stays.
std::optional<model::UplinkAddress6> parse_address6(const std::string& text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos) return std::nullopt;
    const auto address = model::parse_ipv6(std::string_view(text).substr(0, slash));
    const auto length = parse_number(std::string_view(text).substr(slash + 1), 1, 127);
    if (!address || !length) return std::nullopt;
    return model::UplinkAddress6{*address, model::network_of(*address, static_cast<unsigned>(*length)), {}};
}

bool is_link_local(const model::Ipv6& address) {
    return model::parse_prefix6("fe80::/10")->contains(address);
}

std::optional<model::UplinkAddress6> validate_address6(Validation& run, const std::string& path,
                                                       const v1alpha1::Uplink& in) {
    if (in.address6().empty()) {
        if (!in.gateway6().empty())
            missing(run.findings, path + ".address6",
                    "the router's address there, such as 2001:db8:1::10/64");
        return std::nullopt;
    }
    auto out = parse_address6(in.address6());
    if (!out) {
        run.findings.add(path + ".address6", in_quotes(in.address6()) + " is not an address with its length",
                         "a host's address such as 2001:db8:1::10/64");
        return std::nullopt;
    }
    if (in.gateway6().empty()) {
        missing(run.findings, path + ".gateway6",
                "the address of the next router in " + to_string(out->network) + ", or its link-local one");
        return std::nullopt;
    }
    const auto gateway = model::parse_ipv6(in.gateway6());
    if (!gateway)
        run.findings.add(path + ".gateway6", gateway.error());
    else if ((!out->network.contains(*gateway) && !is_link_local(*gateway)) || *gateway == out->address)
        run.findings.add(path + ".gateway6", in.gateway6() + " can't be the next router",
                         "another host of " + to_string(out->network) + ", or a link-local address");
    for (const auto& zone : run.out.zones)
        if (zone.subnet6 && zone.subnet6->overlaps(out->network))
            run.findings.add(path + ".address6",
                             to_string(out->network) + " overlaps zone " + in_quotes(zone.name.str()),
                             "a network apart from all zones");
    out->gateway = gateway.value_or(model::Ipv6{});
    return out;
}

// icmp/ADDRESS or tcp/ADDRESS:PORT.
std::optional<model::ProbeTarget> parse_target(std::string_view text) {
    if (text.starts_with("icmp/")) {
        const auto address = model::parse_ipv4(text.substr(5));
        return address ? std::optional(model::ProbeTarget{{model::Transport::icmp, 0}, *address})
                       : std::nullopt;
    }
    const auto colon = text.find(':');
    if (!text.starts_with("tcp/") || colon == std::string_view::npos) return std::nullopt;
    const auto address = model::parse_ipv4(text.substr(4, colon - 4));
    const auto port = parse_number(text.substr(colon + 1), 1, 65535);
    if (!address || !port) return std::nullopt;
    return model::ProbeTarget{{model::Transport::tcp, static_cast<std::uint16_t>(*port)}, *address};
}

void validate_probe(Validation& run, const std::string& path, const v1alpha1::Probe& in, model::Probe& out) {
    const auto count = check_count(run.findings, path + ".targets", in.targets_size(), most::targets);
    if (count == 0) missing(run.findings, path + ".targets", "who must answer, such as [icmp/192.0.2.1]");
    for (std::size_t i = 0; i < count; ++i) {
        const auto& text = in.targets(static_cast<int>(i));
        if (const auto target = parse_target(text))
            out.targets.push_back(*target);
        else
            run.findings.add(item(path + ".targets", i), in_quotes(text) + " can't be asked",
                             "icmp/ADDRESS or tcp/ADDRESS:PORT, with an IPv4 address");
    }
    if (!in.every().empty()) {
        const auto every = parse_duration(in.every());
        if (!every)
            run.findings.add(path + ".every", every.error());
        else if (*every < std::chrono::milliseconds(200) || *every > std::chrono::hours(1))
            run.findings.add(path + ".every", in_quotes(in.every()) + " is out of range", "200ms to 1h");
        out.period = every.value_or(out.period);
    }
    if (run.findings.has(path + ".failures") &&
        check_range(run.findings, path + ".failures", in.failures(), 1, 100))
        out.failures = in.failures();
}

// Nobody else has that place on the card: the untagged frames, or those of one tag. What is untagged shares
// the card with the management's tags at most, for the router takes it whole.
bool may_share(const model::Uplink& one, const model::Uplink& other) {
    if (one.interface != other.interface) return true;
    if (one.vlan == other.vlan) return false;
    const auto stands_whole = [](const model::Uplink& each) {
        return each.vlan == 0 && each.use == model::UplinkUse::tenants;
    };
    return !stands_whole(one) && !stands_whole(other);
}

void check_card_is_free(Validation& run, const std::string& path, const model::Uplink& uplink) {
    if (run.wired_cards.contains(uplink.interface))
        return run.findings.add(path, uplink.interface + " is in use already by a zone's wire",
                                "a card of its own");
    for (const auto& other : run.out.uplinks) {
        if (may_share(uplink, other)) continue;
        if (other.use != uplink.use)
            return run.findings.add(path,
                                    uplink.interface + " carries the management's traffic or a tenant's, " +
                                        "and uplink " + in_quotes(other.name.str()) + " the other",
                                    "a card or a VLAN of its own for the management");
        run.findings.add(path, uplink.interface + " is uplink " + in_quotes(other.name.str()) + "'s already",
                         "a card of its own, or a VLAN for each of them");
    }
}

// The host's own configuration has the rest.
void check_management(Validation& run, const std::string& path, const v1alpha1::Uplink& in) {
    const auto refuse = [&](const char* key, bool given) {
        if (given)
            run.findings.add(
                path + "." + key,
                "the management's uplink is set up by the host: it has no " + std::string(key) + " here", {},
                "remove it");
    };
    refuse("priority", run.findings.has(path + ".priority"));
    refuse("address", !in.address().empty());
    refuse("gateway", !in.gateway().empty());
    refuse("address6", !in.address6().empty());
    refuse("gateway6", !in.gateway6().empty());
    refuse("probe", in.has_probe());
}

void validate_way_out(Validation& run, const std::string& path, const v1alpha1::Uplink& in,
                      model::Uplink& out) {
    if (run.findings.has(path + ".priority") &&
        check_range(run.findings, path + ".priority", in.priority(), 1, 1000))
        out.priority = in.priority();
    out.address = validate_address(run, path, in);
    out.address6 = validate_address6(run, path, in);
    if (in.has_probe()) validate_probe(run, path + ".probe", in.probe(), out.probe);
}

}  // namespace

void validate_uplinks(Validation& run) {
    const auto count = check_count(run.findings, "uplinks", run.in.uplinks_size(), most::uplinks);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.uplinks(static_cast<int>(i));
        const std::string path = item("uplinks", i);
        run.uplinks.declare(run.findings, path + ".name", in.name());
        model::Uplink out;
        out.name = model::UplinkName(in.name());
        out.interface = in.interface();
        out.vlan = check_vlan(run.findings, path + ".vlan", in.vlan());
        if (in.use() == v1alpha1::Uplink::management) {
            out.use = model::UplinkUse::management;
            check_management(run, path, in);
        } else {
            validate_way_out(run, path, in, out);
        }
        if (check_card(run.findings, path + ".interface", in.interface()))
            check_card_is_free(run, path + ".interface", out);
        run.out.uplinks.push_back(std::move(out));
    }
}

}  // namespace bulkhead::spec
