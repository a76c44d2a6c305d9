#include "console/server/known_host.hpp"

#include <nlohmann/json.hpp>
namespace bulkhead::console {
namespace {

using Json = nlohmann::json;

Json to_json(const attestation::Counters& counters) {
    return {{"clock", counters.clock}, {"reset", counters.reset_count}, {"restart", counters.restart_count}};
}

attestation::Counters counters_of(const Json& json) {
    return {json.at("clock").get<std::uint64_t>(), json.at("reset").get<std::uint32_t>(),
            json.at("restart").get<std::uint32_t>()};
}

}  // namespace

std::string to_json(const attestation::KnownHost& known) {
    Json guests = Json::object();
    for (const auto& [uuid, guest] : known.guests)
        guests[uuid] = {{"ak", guest.ak_name},
                        {"vek", guest.vek_name},
                        {"generation", guest.generation},
                        {"start", guest.start_number},
                        {"counters", to_json(guest.counters)}};
    return Json{{"boot", known.boot_id},
                {"counters", to_json(known.counters)},
                {"records", known.records},
                {"replayed", known.replayed},
                {"guests", guests}}
        .dump();
}

Result<attestation::KnownHost> known_host_from_json(const std::string& json) {
    attestation::KnownHost known;
    if (json.empty()) return known;
    try {
        const auto root = Json::parse(json);
        known.boot_id = root.at("boot").get<std::string>();
        known.counters = counters_of(root.at("counters"));
        known.records = root.at("records").get<std::uint64_t>();
        known.replayed = root.at("replayed").get<std::string>();
        for (const auto& [uuid, guest] : root.at("guests").items())
            known.guests[uuid] = {guest.at("ak").get<std::string>(), guest.at("vek").get<std::string>(),
                                  // What an older console stored has none.
                                  guest.value("generation", std::uint64_t{0}),
                                  guest.at("start").get<std::uint64_t>(), counters_of(guest.at("counters"))};
    } catch (const std::exception& error) {
        return fail(Code::corrupt, std::string("what is known of a gateway can't be read: ") + error.what(),
                    "the console's database", {}, "remove the gateway and enrol it again");
    }
    return known;
}

}  // namespace bulkhead::console
