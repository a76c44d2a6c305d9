#include "partition-manager/uplink/identity.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.hpp"

namespace bulkhead::uplink {
namespace {

using Json = nlohmann::json;

constexpr std::size_t identity_file_limit = std::size_t{256} * 1024;
constexpr std::size_t most_keys = 16;
constexpr std::string_view key_end = "-----END PUBLIC KEY-----";
constexpr std::array<std::pair<const char*, std::string Membership::*>, 7> fields{{
    {"gateway", &Membership::gateway},
    {"console", &Membership::console},
    {"pin", &Membership::pin},
    {"ca", &Membership::ca_pem},
    {"certificate", &Membership::certificate},
    {"trustAnchor", &Membership::trust_anchor},
    {"knownTime", &Membership::known_time},
}};

// None: the gateway is not enrolled.
Result<std::optional<Membership>> read_membership(const std::filesystem::path& path) {
    const auto text = read_file(path, identity_file_limit);
    if (!text && text.error().code == Code::not_found) return std::optional<Membership>();
    if (!text) return std::unexpected(text.error());
    const Json json = Json::parse(*text, nullptr, false);
    if (!json.is_object())
        return fail(Code::corrupt, "it is no JSON", path.string(), {}, "enrol the gateway again");
    Membership membership;
    for (const auto& [name, member] : fields)
        if (const auto found = json.find(name); found != json.end() && found->is_string())
            membership.*member = found->get<std::string>();
    if (membership.pin.size() != 64 || membership.gateway.empty() || membership.console.empty())
        return fail(Code::corrupt, "it names no console", path.string(), {}, "enrol the gateway again");
    return membership;
}

}  // namespace

std::optional<crypto::UtcSeconds> parse_rfc3339(const std::string& text) {
    constexpr std::size_t longest = 35;  // with nanoseconds and an offset
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (text.size() > longest) return std::nullopt;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d", &year, &month, &day, &hour, &minute, &second) !=
        6)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

Result<std::vector<crypto::VerifyKey>> read_verify_keys(const std::string& pem, const std::string& where) {
    std::vector<crypto::VerifyKey> keys;
    std::size_t at = 0;
    for (auto end = pem.find(key_end); end != std::string::npos; end = pem.find(key_end, at)) {
        const auto block = pem.substr(at, end + key_end.size() - at) + "\n";
        at = end + key_end.size();
        BULKHEAD_TRY_ASSIGN(auto key, crypto::VerifyKey::from_pem(block, where));
        keys.push_back(std::move(key));
        if (keys.size() > most_keys)
            return fail(Code::invalid, "more than 16 keys", where, "the keys of IT's people");
    }
    if (keys.empty())
        return fail(Code::invalid, "there is no public key", where, "PEM, as bulkhead key generate makes it",
                    "give the file that ends in .pub");
    return keys;
}

Result<std::unique_ptr<Identity>> Identity::open(const std::filesystem::path& folder) {
    BULKHEAD_TRY(make_folder(folder, 0700));
    auto identity = std::unique_ptr<Identity>(new Identity(folder));
    BULKHEAD_TRY_ASSIGN(identity->membership_, read_membership(folder / "membership.json"));
    return identity;
}

std::optional<Membership> Identity::membership() const {
    const std::scoped_lock lock(mutex_);
    return membership_;
}

Result<> Identity::store(const Membership& membership) const {
    Json json;
    for (const auto& [name, member] : fields) json[name] = membership.*member;
    const auto path = folder_ / "membership.json";
    const auto text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    // What can't be read again would keep the manager from starting.
    if (text.size() > identity_file_limit)
        return fail(Code::refused, "what the console gave has " + std::to_string(text.size()) + " bytes",
                    path.string(), "at most " + std::to_string(identity_file_limit));
    return write_file_atomically(path, text, 0600);
}

// Under the mutex, so that nobody changes what another one has just read.
Result<> Identity::keep(Membership membership) {
    BULKHEAD_TRY(store(membership));
    membership_ = std::move(membership);
    return {};
}

Result<> Identity::put(Membership membership) {
    const std::scoped_lock lock(mutex_);
    return keep(std::move(membership));
}

Result<> Identity::put_certificate(const std::string& pin, const std::string& certificate,
                                   const std::string& console_time) {
    const std::scoped_lock lock(mutex_);
    if (!membership_ || membership_->pin != pin)
        return fail(Code::conflict, "the gateway has left that console", folder_.string());
    auto changed = *membership_;
    changed.certificate = certificate;
    if (parse_rfc3339(console_time)) changed.known_time = console_time;
    return keep(std::move(changed));
}

Result<> Identity::note_time(const std::string& console_time) {
    const std::scoped_lock lock(mutex_);
    const auto told = parse_rfc3339(console_time);
    if (!membership_ || !told) return {};
    auto changed = *membership_;
    const auto known = parse_rfc3339(changed.known_time);
    if (known && *told < *known + std::chrono::hours(1)) return {};
    changed.known_time = console_time;
    return keep(std::move(changed));
}

std::optional<crypto::UtcSeconds> Identity::known_time() const {
    const auto now = membership();
    return now ? parse_rfc3339(now->known_time) : std::nullopt;
}

Result<std::string> Identity::key() {
    const std::scoped_lock lock(mutex_);
    const auto path = folder_ / "key.pem";
    auto known = read_file(path, identity_file_limit);
    if (known || known.error().code != Code::not_found) return known;
    BULKHEAD_TRY_ASSIGN(auto key, crypto::generate_tls_key());
    BULKHEAD_TRY(write_file_atomically(path, key, 0600));
    return key;
}

Result<std::vector<crypto::VerifyKey>> Identity::it_keys() const {
    const auto path = it_keys_path();
    const auto pem = read_file(path, identity_file_limit);
    if (!pem && pem.error().code == Code::not_found)
        return fail(Code::not_found, "the gateway has no key of IT", path.string(), {},
                    "bulkhead enroll 'STRING' --it-key FILE");
    if (!pem) return std::unexpected(pem.error());
    return read_verify_keys(*pem, path.string());
}

Result<> Identity::put_it_keys(const std::string& pem) {
    BULKHEAD_TRY_ASSIGN(const auto keys, read_verify_keys(pem, "IT's key"));
    std::string text;
    for (const auto& key : keys) text += key.pem();
    return write_file_atomically(it_keys_path(), text, 0600);
}

}  // namespace bulkhead::uplink
