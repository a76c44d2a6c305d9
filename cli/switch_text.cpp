#include "cli/switch_text.hpp"

#include <algorithm>
#include <chrono>

#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/fleet_column.hpp"

namespace bulkhead::cli {
namespace {

std::string clean(const std::string& text) {
    return printable(text, 1024);
}

std::string ago(std::uint64_t seconds) {
    return human_age(std::chrono::seconds(
               static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, 1ULL << 40)))) +
           " ago";
}

template <class Words>
std::string listed(const Words& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string uplink_words(const api::UplinkView& uplink, bool wide) {
    std::string text = uplink.name();
    if (wide) text += " " + uplink.interface() + " " + uplink.address();
    if (!uplink.healthy()) return text + " (down)";
    return text + (uplink.used() ? " (used)" : "");
}

Style style_of(const api::RouterView& router) {
    if (router.state() != "working") return Style::bad;
    const auto down = [](const api::UplinkView& uplink) { return !uplink.healthy(); };
    return std::ranges::any_of(router.uplinks(), down) ? Style::warn : Style::good;
}

Style style_of(const api::FrameVerdict& verdict) {
    if (!verdict.disagreement().empty()) return Style::bad;
    return verdict.verdict() == "dropped" ? Style::warn : Style::good;
}

std::string verdict_words(const api::FrameVerdict& verdict) {
    return verdict.verdict() + (verdict.reason().empty() ? "" : ": " + verdict.reason());
}

// "  rule        17 of conduit readings", or nothing if there is no value.
std::string verdict_line(const std::string& name, const std::string& value) {
    if (value.empty()) return {};
    return "  " + name + std::string(name.size() < 12 ? 12 - name.size() : 1, ' ') + clean(value) + "\n";
}

std::string rule_words(const api::FrameVerdict& verdict) {
    if (verdict.rule() == 0) return {};
    return std::to_string(verdict.rule()) + ", " + verdict.allows() +
           (verdict.conduit().empty() ? "" : ", of conduit " + verdict.conduit());
}

std::string program_words(const api::FrameVerdict& verdict) {
    if (!verdict.not_run().empty()) return "not asked: " + verdict.not_run();
    return verdict.program() + (verdict.disagreement().empty() ? ", as the data" : "");
}

std::string in_full(const api::Explanation& explanation, const api::FrameVerdict& verdict, bool colour) {
    std::string text = clean(verdict.frame()) + "\n";
    text += verdict_line("from", explanation.end() + " on " + explanation.interface() +
                                     (explanation.zone().empty() ? "" : ", zone " + explanation.zone()));
    text += verdict_line(
        "to", verdict.to().empty()
                  ? "nobody of the switch"
                  : verdict.to() + (verdict.to_interface().empty() ? "" : " on " + verdict.to_interface()));
    text += "  verdict     " + styled(clean(verdict_words(verdict)), style_of(verdict), colour) + "\n";
    text += verdict_line("connection", verdict.connection());
    text += verdict_line("rule", rule_words(verdict));
    text += verdict_line("guard", verdict.via().empty() ? "" : "by way of the guard of " + verdict.via());
    text += verdict_line("spec", verdict.place());
    if (!verdict.counter().empty())
        text += verdict_line("counter", verdict.counter() + " = " + std::to_string(verdict.counted()));
    text += verdict_line("limit", verdict.limit());
    text += verdict_line("program", program_words(verdict));
    if (!verdict.disagreement().empty())
        text += styled("! " + clean(verdict.disagreement()), Style::bad, colour) + "\n";
    return text;
}

Table table_of(const api::Explanation& explanation) {
    Table table({{"#"}, {"FRAME"}, {"VERDICT"}, {"TO"}, {"CONDUIT"}, {"SPEC"}});
    int number = 0;
    for (const auto& verdict : explanation.items()) {
        table.row({std::to_string(++number),
                   verdict.frame(),
                   {verdict_words(verdict), style_of(verdict)},
                   verdict.to(),
                   verdict.conduit(),
                   verdict.place()});
        if (!verdict.disagreement().empty()) table.beneath({"! " + verdict.disagreement(), Style::bad});
        if (!verdict.not_run().empty()) table.beneath({verdict.not_run(), Style::dim});
    }
    return table;
}

std::string hex(const std::string& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4];
        text += digits[value & 15];
    }
    return text;
}

std::string hop_text(const api::Hop& hop) {
    std::string text = "  " + clean(hop.from()) + " > " + clean(hop.to()) + "  " + clean(hop.way()) + "\n";
    if (!hop.frame().empty()) text += "    " + clean(hop.frame()) + "\n";
    if (!hop.interface().empty()) text += "    comes in on " + clean(hop.interface()) + "\n";
    if (!hop.conduit().empty())
        text += "    by conduit " + clean(hop.conduit()) + ", rule " + std::to_string(hop.rule()) +
                (hop.place().empty() ? "" : ", " + clean(hop.place())) + "\n";
    if (!hop.via().empty()) text += "    by way of the guard of " + clean(hop.via()) + "\n";
    if (!hop.packet().empty()) text += "    " + hex(hop.packet()) + "\n";
    return text;
}

std::string amount(std::uint64_t count, const std::string& thing) {
    return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace

std::string explanation_text(const api::Explanation& explanation, bool colour, std::size_t width) {
    if (explanation.items_size() == 1) return in_full(explanation, explanation.items(0), colour);
    return table_of(explanation).text(colour, width);
}

std::string proof_text(const api::Proof& proof, const std::string& subject, bool colour) {
    std::string text = clean(subject) + ": ";
    if (proof.proved()) {
        text += styled("no packet can", Style::good, colour);
        if (proof.pairs() + proof.joined() != 0)
            text += " but as the conduits say\n  " + amount(proof.joined(), "pair") + " of ends joined, " +
                    std::to_string(proof.pairs()) + " apart";
    } else if (proof.counterexample_size() != 0) {
        text += styled("a packet can", Style::bad, colour);
    } else {
        text += styled("not proved", Style::bad, colour);
    }
    text += "\n";
    for (const auto& hop : proof.counterexample()) text += hop_text(hop);
    for (const auto& doubt : proof.doubts())
        text += styled("! " + clean(doubt.subject()) + ": " + clean(doubt.what()), Style::bad, colour) + "\n";
    for (const auto& note : proof.notes()) text += "  " + clean(note) + "\n";
    const auto took = static_cast<std::uint64_t>(proof.milliseconds() + 0.5);
    text += "  " + amount(proof.cases(), "case") + ", over " + amount(proof.ports(), "port") + " and " +
            amount(proof.rules(), "rule") + " of " + amount(proof.conduits(), "conduit") +
            " as the kernel holds them; " + std::to_string(took) + " ms\n";
    return text;
}

Table denial_table(const api::DenialList& list, bool wide) {
    std::vector<Table::Column> columns{{"FROM"},   {"TO"},    {"ADDRESS"}, {"SERVICE"},
                                       {"REASON"}, {"COUNT"}, {"LAST"}};
    if (wide) columns.push_back({"AT"});
    const bool fleet = is_of_a_fleet(list);
    Table table(with_gateway(std::move(columns), fleet));
    for (const auto& denial : list.items()) {
        std::vector<Cell> cells{denial.from(),
                                denial.to(),
                                denial.address(),
                                denial.service(),
                                denial.reason(),
                                std::to_string(denial.count()),
                                ago(denial.last_seconds())};
        if (wide) cells.emplace_back(denial.last());
        put_gateway(cells, denial, fleet);
        table.row(std::move(cells));
    }
    return table;
}

Table flow_table(const api::FlowList& list, bool wide) {
    std::vector<Table::Column> columns{{"FROM"},   {"TO"},    {"PROTOCOL"}, {"SOURCE"},
                                       {"TARGET"}, {"STATE"}, {"CONDUIT"},  {"PACKETS"}};
    if (wide)
        for (const auto* title : {"BYTES", "RULE", "SINCE"}) columns.push_back({title});
    columns.push_back({"OPENED"});
    Table table(columns);
    for (const auto& flow : list.items()) {
        std::vector<Cell> cells{
            flow.from(),   flow.to(),    flow.transport(), flow.source(),
            flow.target(), flow.state(), flow.conduit(),   std::to_string(flow.packets())};
        if (wide) {
            cells.emplace_back(std::to_string(flow.bytes()));
            cells.emplace_back(std::to_string(flow.rule()));
            cells.emplace_back(flow.opened());
        }
        cells.emplace_back(ago(flow.opened_seconds()));
        table.row(std::move(cells));
    }
    return table;
}

Table router_table(const api::RouterList& list, bool wide) {
    std::vector<Table::Column> columns{{"TENANT"}, {"ZONES"}, {"STATE"}, {"UPLINKS"}, {"LEASES"}};
    if (wide)
        for (const auto* title : {"NAMES", "FORWARDS"}) columns.push_back({title});
    columns.push_back({"PROBLEM"});
    const bool fleet = is_of_a_fleet(list);
    Table table(with_gateway(std::move(columns), fleet));
    for (const auto& router : list.items()) {
        std::vector<std::string> uplinks;
        for (const auto& uplink : router.uplinks()) uplinks.push_back(uplink_words(uplink, wide));
        std::vector<Cell> cells{router.tenant(),
                                listed(router.zones()),
                                {router.state(), style_of(router)},
                                listed(uplinks),
                                std::to_string(router.leases())};
        if (wide) {
            cells.emplace_back(listed(router.names()));
            cells.emplace_back(listed(router.forwards()));
        }
        cells.emplace_back(router.problem());
        put_gateway(cells, router, fleet);
        table.row(std::move(cells));
    }
    return table;
}

}  // namespace bulkhead::cli
