#include "vnet/guard/state.hpp"

#include <nlohmann/json.hpp>

#include "base/name.hpp"
#include "base/text.hpp"

namespace bulkhead::vnet::guard {
namespace {

using Json = nlohmann::json;
constexpr std::size_t longest_error = 1024;
constexpr std::size_t longest_last = 160;

Json json(const model::GuardCounts& counts) {
    return {{"passed", counts.passed},
            {"refused", counts.refused},
            {"broken", counts.broken},
            {"last", printable(counts.last, longest_last)}};
}

model::GuardCounts counts(const Json& from) {
    return {from.at("passed").get<std::uint64_t>(), from.at("refused").get<std::uint64_t>(),
            from.at("broken").get<std::uint64_t>(),
            printable(from.at("last").get<std::string>(), longest_last)};
}

}  // namespace

std::string encode(const State& state) {
    auto conduits = Json::object();
    for (const auto& [name, each] : state.conduits) conduits[name.str()] = json(each);
    return Json{{"config", state.config},
                {"error", printable(state.error, longest_error)},
                {"conduits", conduits},
                {"pid", state.pid}}
        .dump();
}

Result<State> decode_state(std::string_view payload) {
    try {
        const auto from = Json::parse(payload);
        State state;
        state.config = printable(from.at("config").get<std::string>(), 16);
        state.error = printable(from.at("error").get<std::string>(), longest_error);
        state.pid = from.at("pid").get<pid_t>();
        for (const auto& [name, each] : from.at("conduits").items()) {
            if (!is_label(name) || state.conduits.size() == most_conduits)
                return fail(Code::corrupt, "a guard speaks of conduits that it can't have");
            state.conduits.emplace(name, counts(each));
        }
        return state;
    } catch (const Json::exception& error) {
        return fail(Code::corrupt, std::string("a guard says what none would: ") + error.what(),
                    printable(payload, 120));
    }
}

}  // namespace bulkhead::vnet::guard
