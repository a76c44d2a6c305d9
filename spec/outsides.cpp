#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spec/fields.hpp"
#include "spec/validation.hpp"

namespace bulkhead::spec {
namespace {

std::optional<model::Ipv4Prefix> subnet_of(const model::Zone& zone, const model::Ipv4Prefix& /*family*/) {
    if (zone.subnet.length == 0) return std::nullopt;
    return zone.subnet;
}
std::optional<model::Ipv6Prefix> subnet_of(const model::Zone& zone, const model::Ipv6Prefix& /*family*/) {
    return zone.subnet6;
}

// What is in a zone is no outside, but for a prefix that holds the whole zone: the zone's own addresses go
// first.
template <class Prefix>
void check_apart(Validation& run, const std::string& path, const Prefix& prefix) {
    for (const auto& zone : run.out.zones) {
        const auto subnet = subnet_of(zone, prefix);
        if (!subnet || !subnet->overlaps(prefix) || subnet->length > prefix.length) continue;
        run.findings.add(path, to_string(prefix) + " is inside zone " + in_quotes(zone.name.str()),
                         "networks beyond all zones");
        return;
    }
}

template <class Prefix>
void add_prefix(Validation& run, const std::string& path, const Result<Prefix>& prefix,
                std::vector<Prefix>& out) {
    if (!prefix) return run.findings.add(path, prefix.error());
    check_apart(run, path, *prefix);
    out.push_back(*prefix);
}

void validate_prefix(Validation& run, const std::string& path, const std::string& text, model::Outside& out) {
    if (const std::string* first = run.prefixes.put(text, path))
        run.findings.add(path, in_quotes(text) + " is there twice", {},
                         "remove it here or at " + run.findings.place(*first));
    if (text.find(':') == std::string::npos)
        add_prefix(run, path, model::parse_prefix(text), out.prefixes);
    else
        add_prefix(run, path, model::parse_prefix6(text), out.prefixes6);
}

}  // namespace

void validate_outsides(Validation& run) {
    const auto count = check_count(run.findings, "outsides", run.in.outsides_size(), most::outsides);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& in = run.in.outsides(static_cast<int>(i));
        const std::string path = item("outsides", i);
        run.ends.declare(run.findings, path + ".name", in.name());
        model::Outside out{model::EndName(in.name()), {}, {}, static_cast<model::Level>(in.level())};
        const auto prefixes =
            check_count(run.findings, path + ".prefixes", in.prefixes_size(), most::prefixes);
        if (prefixes == 0) missing(run.findings, path + ".prefixes", "networks such as [192.0.2.0/24]");
        for (std::size_t j = 0; j < prefixes; ++j)
            validate_prefix(run, item(path + ".prefixes", j), in.prefixes(static_cast<int>(j)), out);
        run.out.outsides.push_back(std::move(out));
    }
}

}  // namespace bulkhead::spec
