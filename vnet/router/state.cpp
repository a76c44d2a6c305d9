#include "vnet/router/state.hpp"

#include <nlohmann/json.hpp>

#include "base/name.hpp"
#include "base/text.hpp"

namespace bulkhead::vnet::router {
namespace {

using Json = nlohmann::json;
constexpr std::size_t most_uplinks = 16;
constexpr std::size_t longest_error = 1024;
constexpr std::size_t longest_name = 64;

}  // namespace

std::string encode(const State& state) {
    auto uplinks = Json::array();
    for (const auto& each : state.uplinks)
        uplinks.push_back({{"name", each.name.str()}, {"healthy", each.healthy}, {"used", each.used}});
    return Json{{"config", state.config},
                {"error", printable(state.error, longest_error)},
                {"uplinks", uplinks},
                {"tampered", state.tampering.times},
                {"tamperer", printable(state.tampering.who, longest_name)},
                {"pid", state.pid}}
        .dump();
}

Result<State> decode_state(std::string_view payload) {
    try {
        const auto from = Json::parse(payload);
        State state;
        state.config = printable(from.at("config").get<std::string>(), 16);
        state.error = printable(from.at("error").get<std::string>(), longest_error);
        state.tampering.times = from.at("tampered").get<unsigned>();
        state.tampering.who = printable(from.at("tamperer").get<std::string>(), longest_name);
        state.pid = from.at("pid").get<pid_t>();
        for (const auto& each : from.at("uplinks")) {
            const auto name = each.at("name").get<std::string>();
            if (!is_label(name) || state.uplinks.size() == most_uplinks)
                return fail(Code::corrupt, "a router speaks of uplinks that it can't have");
            state.uplinks.push_back(
                {model::UplinkName(name), each.at("healthy").get<bool>(), each.at("used").get<bool>()});
        }
        return state;
    } catch (const Json::exception& error) {
        return fail(Code::corrupt, std::string("a router says what none would: ") + error.what(),
                    printable(payload, 120));
    }
}

}  // namespace bulkhead::vnet::router
