// What the store keeps, as values. Bytes are std::string; times are RFC 3339 for people and seconds since
// 1970 (UTC) where they are compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bulkhead/v1alpha1/control.pb.h"

namespace bulkhead::console {

using Seconds = std::int64_t;  // since 1970, UTC

struct CaRow {
    std::string certificate;  // PEM
    std::string key;          // PEM
    std::string made_at;
    bool operator==(const CaRow&) const = default;
};

// A public key whose signature over a desired state counts.
struct ItKeyRow {
    std::string id;
    std::string pem;
    std::string actor;
    std::string added_at;
    bool operator==(const ItKeyRow&) const = default;
};

struct GatewayRow {
    std::string name;
    std::string ek_public;    // TPMT_PUBLIC
    std::string ak_public;    // TPMT_PUBLIC
    std::string anchor;       // hardware, software
    std::string serial;       // of the certificate in use
    std::string next_serial;  // of one that was issued and not used yet; empty: none
    Seconds not_after = 0;    // of the newest certificate
    std::string enrolled_at;
    std::string actor;      // who made the token
    std::string last_seen;  // empty: never
    std::string box_key;    // X25519, for secrets
    // IT's signed desired state, and the one that the gateway says is in force; and the last in force of
    // which it said that it is through with it: while they differ, it is on its way.
    std::uint64_t generation = 0;
    std::string envelope;
    std::uint64_t generation_applied = 0;
    std::string envelope_applied;
    std::string envelope_reached;
    std::string desired_error;  // JSON (console/server/refusal.hpp): why it was not taken; empty: it was, or
                                // is not asked yet
    std::string known_host;     // JSON (console/server/known_host.hpp)
    std::string results;        // the newest AttestationResults, serialised
    std::uint64_t last_event = 0;
    std::uint64_t events_dropped = 0;
    bool operator==(const GatewayRow&) const = default;
};

struct TokenRow {
    std::string hash;  // SHA-256 of the token
    std::string ek;    // SHA-256 of the EK that alone may use it; empty: any
    std::string actor;
    std::string created_at;
    Seconds expires = 0;
    std::string used_by;  // gateway; empty: not yet
    bool operator==(const TokenRow&) const = default;
};

struct UserRow {
    std::string name;
    std::string role;
    std::string tenant;
    std::string password;  // hash with its parameters
    std::string actor;     // who added it
    std::string created_at;
    std::string last_sign_in;
    bool operator==(const UserRow&) const = default;
};

struct SessionRow {
    std::string hash;  // SHA-256 of the bearer secret
    std::string user;
    std::string address;
    std::string created_at;
    Seconds expires = 0;
    bool operator==(const SessionRow&) const = default;
};

// A change of health or attestation; of the gateway itself if `partition` is empty.
struct HistoryRow {
    std::string gateway;
    std::string partition;
    std::string tenant;
    std::string kind;  // health, attestation
    std::string time;
    std::string value;
    std::string reason;
    bool operator==(const HistoryRow&) const = default;
};

struct AuditEntry {
    std::uint64_t id = 0;
    std::string time;
    std::string actor;
    std::string tenant;
    std::string action;
    std::string subject;
    std::string detail;
    bool operator==(const AuditEntry&) const = default;
};

// The one action that needs no account.
inline constexpr const char* sign_in_refused = "sign-in.refused";

struct EventQuery {
    std::string gateway;  // empty: all, here and below
    std::string partition;
    std::string tenant;
    std::string code;         // beginning of it
    std::string search;       // part of the text
    bool newest = true;       // the newest ones, else those after `after`
    std::uint64_t after = 0;  // the console's own number of an event
    std::size_t limit = 100;
};

struct EventRows {
    std::vector<bulkhead::v1alpha1::Event> items;  // oldest first; `id` is the gateway's own
    std::uint64_t next = 0;                        // `after` of the next page; 0: there is none
};

// Oldest go first beyond these.
struct Bounds {
    std::size_t events_of_a_gateway = 20'000;
    std::size_t history_of_a_partition = 500;
    std::size_t history_of_a_gateway = 70'000;  // its partitions may change their names
    std::size_t audit = 200'000;
    std::size_t refused_sign_ins =
        20'000;  // of the audit: strangers can make them, and must push out no change
    std::size_t sessions_of_a_user = 20;
    std::size_t open_tokens = 1000;
};

}  // namespace bulkhead::console
