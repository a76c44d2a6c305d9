// The part of the fleet that is about people.
#include <algorithm>

#include "base/log.hpp"
#include "base/name.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "console/server/fingerprint.hpp"
#include "console/server/fleet_core.hpp"
#include "crypto/digest.hpp"
#include "crypto/encoding.hpp"
#include "crypto/password.hpp"
#include "crypto/random.hpp"

namespace bulkhead::console {
namespace {

constexpr std::size_t least_password = 12;
constexpr std::size_t session_bytes = 32;

std::unexpected<Error> too_many_at_once() {
    return fail(Code::unavailable, "too many sign-ins at once", {}, {}, "try again in a moment");
}

std::unexpected<Error> wrong_password() {
    return fail(Code::refused, "the user or the password is wrong", {}, {},
                "a new password comes from: bulkhead-console user reset USER");
}

// The time that a check takes must not tell whether there is such a user.
const std::string& hash_of_nobody() {
    static const std::string hash = crypto::hash_password(crypto::random_bytes(session_bytes));
    return hash;
}

// A place of those that may hash at once: 32 MiB each, and strangers can ask for it.
class Hashing {
  public:
    explicit Hashing(HashingPlaces& places) : places_(places), granted_(places.try_acquire()) {}
    ~Hashing() {
        if (granted_) places_.release();
    }
    Hashing(const Hashing&) = delete;
    Hashing& operator=(const Hashing&) = delete;
    explicit operator bool() const { return granted_; }

  private:
    HashingPlaces& places_;
    const bool granted_;
};

Result<> check_user(const User& user) {
    if (!is_label(user.name))
        return fail(Code::invalid, "'" + printable(user.name, 80) + "' is no name for a user", {},
                    "a-z, 0-9 and '-', at most 63 of them");
    if (user.role == Role::vendor && !is_label(user.tenant))
        return fail(Code::invalid, "a vendor needs a tenant", {}, "the tenant whose partitions it may see");
    if (user.role != Role::vendor && !user.tenant.empty())
        return fail(Code::invalid, "only a vendor has a tenant", {}, "no tenant, or the role vendor");
    return {};
}

}  // namespace

Answer<std::vector<User>> FleetCore::users(const Viewer& viewer) {
    BULKHEAD_TRY(require(viewer, Right::manage_users));
    BULKHEAD_TRY_ASSIGN(const auto rows, parts_.store.users());
    std::vector<User> all;
    for (const auto& row : rows)
        all.push_back({row.name, role_named(row.role).value_or(Role::auditor), row.tenant, row.created_at,
                       row.last_sign_in});
    return all;
}

Answer<std::string> FleetCore::add_user(const Viewer& viewer, const User& user) {
    BULKHEAD_TRY(require(viewer, Right::manage_users));
    BULKHEAD_TRY(check_user(user));
    const auto password = crypto::generate_password();
    const auto hash = crypto::hash_password(password);
    const auto done = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.add_user({user.name,
                                            std::string(to_string(user.role)),
                                            user.tenant,
                                            hash,
                                            actor_of(viewer),
                                            rfc3339(parts_.clock.utc()),
                                            {}}));
        return write_audit(
            viewer, "user.added", user.name,
            std::string(to_string(user.role)) + (user.tenant.empty() ? "" : " " + user.tenant));
    });
    BULKHEAD_TRY(done);
    parts_.watchers.tell({{}, {}, "user"}, {});
    return password;
}

Answer<std::string> FleetCore::reset_password(const Viewer& viewer, const std::string& user) {
    BULKHEAD_TRY(require(viewer, Right::manage_users));
    const auto password = crypto::generate_password();
    const auto hash = crypto::hash_password(password);
    const auto done = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.set_password(user, hash));
        return write_audit(viewer, "user.password-reset", user);
    });
    BULKHEAD_TRY(done);
    return password;
}

Result<> FleetCore::check_last_admin(const std::string& leaving) const {
    BULKHEAD_TRY_ASSIGN(const auto rows, parts_.store.users());
    const auto admin = to_string(Role::it_admin);
    const auto is_other_admin = [&](const UserRow& row) { return row.role == admin && row.name != leaving; };
    if (std::ranges::none_of(rows, is_other_admin))
        return fail(Code::refused, "'" + leaving + "' is the last it-admin", {}, {}, "add another one first");
    return {};
}

Answer<void> FleetCore::remove_user(const Viewer& viewer, const std::string& user) {
    BULKHEAD_TRY(require(viewer, Right::manage_users));
    const auto done = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.user(user));
        if (row && row->role == to_string(Role::it_admin)) BULKHEAD_TRY(check_last_admin(user));
        BULKHEAD_TRY(parts_.store.remove_user(user));
        return write_audit(viewer, "user.removed", user);
    });
    BULKHEAD_TRY(done);
    parts_.watchers.tell({{}, {}, "user"}, {});
    return {};
}

Answer<void> FleetCore::change_password(const Viewer& viewer, const std::string& old_password,
                                        const std::string& new_password) {
    if (const auto wait = changes_.wait(viewer.user, {}); wait.count() > 0)
        return fail(Code::unavailable, "too many wrong passwords", {}, {}, "try again in " + human_age(wait));
    BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.user(viewer.user));
    const Hashing place(hashing_);
    if (!place) return too_many_at_once();
    if (!row || !crypto::is_password(old_password, row->password)) {
        changes_.failed(viewer.user, {});
        return wrong_password();
    }
    changes_.succeeded(viewer.user, {});
    if (new_password.size() < least_password || new_password.size() > crypto::password_limit)
        return fail(Code::invalid, "the new password has " + std::to_string(new_password.size()) + " bytes",
                    {}, "12 to 1024");
    const auto hash = crypto::hash_password(new_password);
    return parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.set_password(viewer.user, hash));
        return write_audit(viewer, "user.password-changed", viewer.user);
    });
}

Answer<Fleet::SignedIn> FleetCore::sign_in(const std::string& user, const std::string& password,
                                           const std::string& address) {
    const auto name = printable(user, 64);
    if (const auto wait = attempts_.wait(name, address); wait.count() > 0)
        return fail(Code::unavailable, "too many wrong passwords for this user or from this address", {}, {},
                    "try again in " + human_age(wait));
    BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.user(name));
    const Hashing place(hashing_);
    if (!place) return too_many_at_once();
    const bool right = crypto::is_password(password, row ? row->password : hash_of_nobody());
    const auto role = row ? role_named(row->role) : std::nullopt;
    if (!right || !role) {
        attempts_.failed(name, address);
        BULKHEAD_TRY(write_audit({"console:", {}, {}}, sign_in_refused, name, address));
        return wrong_password();
    }
    attempts_.succeeded(name, address);
    const auto secret = crypto::to_base64url(crypto::random_bytes(session_bytes));
    const auto expires = parts_.clock.utc() + options_.session_lifetime;
    const auto time = rfc3339(parts_.clock.utc());
    const Viewer viewer{row->name, *role, row->tenant};
    const auto done = parts_.store.transaction([&]() -> Result<> {
        BULKHEAD_TRY(parts_.store.add_session(
            {fingerprint(secret), row->name, address, time, now() + options_.session_lifetime.count()}));
        BULKHEAD_TRY(parts_.store.set_signed_in(row->name, time));
        return write_audit(viewer, "sign-in", row->name, address);
    });
    BULKHEAD_TRY(done);
    return SignedIn{secret, viewer, rfc3339(expires)};
}

Answer<Viewer> FleetCore::viewer_of(const std::string& session) {
    BULKHEAD_TRY_ASSIGN(const auto row, parts_.store.session(fingerprint(session), now()));
    if (!row) return fail(Code::refused, "the session has ended", {}, {}, "sign in again");
    BULKHEAD_TRY_ASSIGN(const auto user, parts_.store.user(row->user));
    const auto role = user ? role_named(user->role) : std::nullopt;
    if (!role) return fail(Code::refused, "the session's user is gone", {}, {}, "sign in as another");
    return Viewer{user->name, *role, user->tenant};
}

void FleetCore::sign_out(const std::string& session) {
    if (const auto gone = parts_.store.remove_session(fingerprint(session)); !gone)
        log::error("can't end a session", {{"error", gone.error().text()}});
}

}  // namespace bulkhead::console
